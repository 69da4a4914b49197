import { SendTaskHeartbeatCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { approvalApi } from '../../lib/approval/api.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleKey, objects, runKey } from '../../lib/ledger/objects.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { announcement, getRequest, openRequest } from '../../lib/ledger/requests.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { inWavesOf } from '../fleet/samples.ts';
import { itemsOf, ledgers, memoryBucket } from '../ledger/harness.ts';
import { asked, at, byIam } from './request.ts';
import { shopBundle, shopFleet } from './sample.ts';

const { table } = ledgers();
const sfn = mockClient(SFNClient);
const arnOf = (resource: string, service?: string) => (byIam(resource, service) as { arn: string }).arn;
const ADA = arnOf('assumed-role/Ada/terminal');
const BERTA = arnOf('user/berta', 'iam');
const DORA = arnOf('assumed-role/Admin/dora@example.com');
const planDigest = asked().planDigest;
const named = { service: 'shop', environment: 'production', digest: digest(shopBundle), version: '1.0.0' };
const { plan, planDigest: planned } = makePlan(shopBundle, shopFleet, {
  ...{ ...named, rollout: inWavesOf(1), policy: 'p', fleet: 'f' },
});

let logged = '';
beforeEach(() => {
  logged = '';
  sfn.reset();
  sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
  vi.spyOn(console, 'error').mockImplementation((text) => {
    logged += text;
  });
});
afterEach(() => vi.restoreAllMocks());

const opened = async (...requests: Partial<ApprovalRequest>[]) => {
  const ledger = await table();
  for (const it of requests) await openRequest(ledger, asked(it));
  const files = {
    [bundleKey(plan.digest)]: canonical(shopBundle),
    [runKey('run-1', 'plan')]: JSON.stringify({ ...plan, planDigest: planned, dataApiCalls: {} }),
  };
  const surroundings = {
    ...{ table: ledger, sfn: new SFNClient({ region: 'eu-west-1' }), now: () => at('09:30:00') },
    objects: objects(memoryBucket(files).client, 'bucket'),
  };
  const app = approvalApi(() => surroundings);
  const call = async (method: string, path: string, caller: unknown, body?: unknown) => {
    const event = { requestContext: caller === null ? {} : { authorizer: { iam: { userArn: caller } } } };
    const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const answer = await app.request(path, { method, ...init }, { event });
    return { status: answer.status, json: await answer.json() };
  };
  const decide = (caller: string, more: object = {}) =>
    call('POST', '/runs/run-1/decision', caller, { decision: 'approved', planDigest, ...more });
  return { ledger, call, decide };
};

const routes: [string, string, unknown][] = [
  ['POST', '/runs/run-1/announcement', { digest: 'd'.repeat(64) }],
  ['GET', '/requests', undefined],
  ['GET', '/runs/run-1/approval', undefined],
  ['POST', '/runs/run-1/decision', { decision: 'approved', planDigest }],
];

describe('whom IAM has not authorized', () => {
  const callers = [null, undefined, '', 'Ada', 7, { arn: ADA }];

  it.each(routes)('gets nothing of %s %s, and changes nothing', async (method, path, body) => {
    const { call, ledger } = await opened({});
    const before = await itemsOf(ledger);
    for (const caller of callers) {
      expect(await call(method, path, caller, body)).toMatchObject({ status: 403, json: { error: 'Forbidden' } });
    }
    expect(await itemsOf(ledger)).toEqual(before);
  });
});

describe('an announcement', () => {
  const announced = { digest: 'd'.repeat(64), authors: ['cleo-codes'] };

  it('says who starts a run, by what IAM has proven, and who wrote its commits', async () => {
    const { call, ledger } = await opened();
    expect(await call('POST', '/runs/run-1/announcement', ADA, announced)).toEqual({
      ...{ status: 200, json: { run: 'run-1', starter: ADA } },
    });
    expect(await announcement(ledger, 'run-1')).toMatchObject({
      ...announced,
      arn: ADA,
      at: '2026-01-05T09:30:00.000Z',
    });
  });

  it('may be made again, and not by another nor for another bundle', async () => {
    const { call, ledger } = await opened();
    await call('POST', '/runs/run-1/announcement', ADA, announced);
    expect(await call('POST', '/runs/run-1/announcement', ADA, announced)).toMatchObject({ status: 200 });
    for (const [caller, digest] of [
      [BERTA, 'd'],
      [ADA, 'e'],
    ] as const) {
      expect(
        await call('POST', '/runs/run-1/announcement', caller, { ...announced, digest: digest.repeat(64) }),
      ).toMatchObject({ status: 409, json: { error: 'AnnouncedOtherwise', message: expect.stringContaining(ADA) } });
    }
    expect(await announcement(ledger, 'run-1')).toMatchObject({ arn: ADA, digest: 'd'.repeat(64) });
  });

  it.each([
    ['no body', ''],
    ['no JSON', '{'],
    ['a digest that is none', { digest: 'D' }],
    ['a starter of their own choice', { ...announced, arn: BERTA }],
    ['authors without end', { ...announced, authors: Array(201).fill('x') }],
  ])('with %s is refused', async (_, body) => {
    const { call, ledger } = await opened();
    expect(await call('POST', '/runs/run-1/announcement', ADA, body)).toMatchObject({
      ...{ status: 400, json: { error: 'InvalidRequest', message: expect.stringMatching(/./) } },
    });
    expect(await itemsOf(ledger)).toEqual([]);
  });
});

describe('a request', () => {
  it('is told without what decides about it', async () => {
    const { call } = await opened({});
    const { status, json } = await call('GET', '/runs/run-1/approval', ADA);
    expect([status, json]).toMatchObject([
      200,
      { run: 'run-1', planDigest, state: 'waiting', approvers: ['Ada', 'Berta', 'Cleo'] },
    ]);
    expect(JSON.stringify(json)).not.toMatch(new RegExp(`${asked().taskToken}|${asked().formKey}`));
  });

  it('comes with every statement of its plan, and without one that is not the one asked about', async () => {
    const { call } = await opened({ planDigest: planned, digest: plan.digest });
    const { json } = await call('GET', '/runs/run-1/approval', DORA);
    expect(json.plan).toMatchObject({
      what: 'bring 4 migrations to 6 databases in 3 clusters',
      worst: { file: '0044_drop_legacy_carts.sql', sql: 'DROP TABLE carts CASCADE' },
    });
    expect(json.plan.migrations.map(({ id }: { id: string }) => id)).toEqual(['0041', '0042', '0043', '0044']);
    expect(json.plan.migrations[3].statements).toContainEqual({
      ...{ line: 2, sql: 'DROP TABLE carts CASCADE', risk: 'high' },
      reason: 'line 2 drops a table, schema or type with what it holds',
    });
    const other = await opened({});
    expect((await other.call('GET', '/runs/run-1/approval', DORA)).json.plan).toBeNull();
  });

  it('that nobody made is unknown', async () => {
    const { call } = await opened();
    expect(await call('GET', '/runs/run-1/approval', ADA)).toMatchObject({
      status: 404,
      json: { error: 'NoSuchRequest' },
    });
  });

  it('stands with the others of its environment, the newest first', async () => {
    const { call } = await opened({ run: 'run-1' }, { run: 'run-2', createdAt: '2026-01-05T09:10:00.000Z' });
    const { json } = await call('GET', '/requests', BERTA);
    expect(json.requests.map(({ run }: { run: string }) => run)).toEqual(['run-2', 'run-1']);
    expect(JSON.stringify(json)).not.toContain(asked().taskToken);
  });
});

describe('a decision', () => {
  it('counts for whom IAM says the caller is', async () => {
    const { decide, ledger } = await opened({});
    expect(await decide(ADA)).toMatchObject({
      status: 200,
      json: { result: 'counted', request: { state: 'approved' } },
    });
    expect(await getRequest(ledger, 'run-1')).toMatchObject({
      votes: [{ by: 'Ada', channel: 'iam', assurance: 'high', identity: ADA }],
    });
    expect(sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
  });

  it('counts once, however often it is sent, and can be withdrawn until the quorum is there', async () => {
    const { decide } = await opened({ quorum: 2 });
    expect(await decide(ADA)).toMatchObject({ json: { result: 'counted' } });
    expect(await decide(ADA)).toMatchObject({
      status: 200,
      json: { result: 'repeated', request: { state: 'waiting' } },
    });
    expect(await decide(ADA, { decision: 'withdrawn' })).toMatchObject({ status: 200, json: { result: 'withdrawn' } });
  });

  it.each<[number, string, string, object, Partial<ApprovalRequest>]>([
    [403, 'UnknownPerson', arnOf('assumed-role/Ci/job'), {}, {}],
    [403, 'NotAnApprover', DORA, {}, {}],
    [403, 'FourEyes', ADA, {}, { approvers: ['Berta'], barred: [{ person: 'Ada', because: 'started the run' }] }],
    [403, 'NoBreakGlass', ADA, { breakGlass: true, reason: 'x'.repeat(30) }, {}],
    [400, 'ReasonNeeded', DORA, { breakGlass: true, reason: 'now' }, {}],
    [400, 'ReasonNeeded', ADA, { decision: 'rejected' }, {}],
    [409, 'OtherPlan', ADA, { planDigest: 'e'.repeat(64) }, {}],
    [409, 'NothingToWithdraw', ADA, { decision: 'withdrawn' }, {}],
    [409, 'AlreadyDecided', ADA, {}, { outcome: { decision: 'rejected', at: 'x' }, deliveredAt: 'x' }],
    [410, 'TooLate', ADA, {}, { expiresAt: '2026-01-05T09:29:59.000Z' }],
  ])('is refused with %i %s', async (status, error, caller, more, request) => {
    const { decide, ledger } = await opened(request);
    expect(await decide(caller, more)).toMatchObject({
      ...{ status, json: { error, message: expect.stringMatching(/\.$/), request: { run: 'run-1' } } },
    });
    expect((await getRequest(ledger, 'run-1'))?.votes).toEqual([]);
  });

  it('is refused where nobody waits', async () => {
    sfn.on(SendTaskHeartbeatCommand).rejects(Object.assign(new Error('x'), { name: 'TaskTimedOut' }));
    const { decide } = await opened({});
    expect(await decide(ADA)).toMatchObject({ status: 410, json: { error: 'NotWaiting' } });
  });

  it.each([
    ['no decision', { decision: undefined }],
    ['a decision that is none', { decision: 'maybe' }],
    ['no plan', { planDigest: undefined }],
    ['an endless reason', { reason: 'x'.repeat(1001) }],
    ['an identity of their own choice', { identity: { channel: 'iam', arn: BERTA } }],
  ])('with %s is refused', async (_, more) => {
    const { decide, ledger } = await opened({});
    expect(await decide(ADA, more)).toMatchObject({ status: 400, json: { error: 'InvalidRequest' } });
    expect((await getRequest(ledger, 'run-1'))?.votes).toEqual([]);
  });

  it('on a run that asks for none is unknown', async () => {
    const { decide } = await opened();
    expect(await decide(ADA)).toMatchObject({ status: 404 });
  });

  it('that holds and could not be told to the run says so, in JSON, without the token', async () => {
    const { decide } = await opened({});
    const message = `Value '${asked().taskToken}' failed`;
    sfn.on(SendTaskSuccessCommand).rejects(Object.assign(new Error(message), { name: 'ThrottlingException' }));
    const answer = await decide(ADA);
    expect(answer).toMatchObject({ status: 503, json: { error: 'OutcomeNotSent' } });
    sfn.on(SendTaskHeartbeatCommand).rejects(Object.assign(new Error(message), { name: 'ThrottlingException' }));
    const { decide: another } = await opened({});
    const broken = await another(ADA);
    expect(broken).toMatchObject({ status: 500, json: { error: 'InternalError' } });
    expect(JSON.stringify([answer, broken, logged])).not.toContain(asked().taskToken);
  });
});
