import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, it, vi } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { acquireLease } from '../../lib/ledger/lease.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRun, recordVerdict, runRecord, updateRun } from '../../lib/ledger/runs.ts';
import { recordStanding, recordVersion, standingOf } from '../../lib/ledger/standings.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { attestationKey } from '../../lib/policy/promotion/statements.ts';
import { held, rollout } from '../approval/hold/held.ts';
import { bundleOf, cluster, database, inWavesOf, run, verdict } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { attested } from '../policy/promotion/sample.ts';
import { awsError, mocks, published, step } from './harness.ts';

const { opened, counted, logs } = step('report', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic', ATTESTATION_KEY: 'arn:key' },
});

const admitted = run();
const { execution } = admitted;
const fleet = [cluster('a', database('orders', 1)), cluster('b', database('orders', 2))];
const { plan, planDigest } = makePlan(bundleOf('001', '002'), fleet, {
  service: 'shop',
  environment: 'production',
  digest: admitted.digest,
  rollout: inWavesOf(1),
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
});
const planFile = {
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: { 'a/orders': 1, 'b/orders': 2 } }),
};

const ended = (failure: object | null = null, of: object = admitted) => ({ run: of, execution, failure });

/** A ledger as an admitted run leaves it behind. */
const begun = async (ledger: Table, { planned = true } = {}) => {
  await acquireLease(ledger, execution, new Date(), async () => true);
  await recordRun(ledger, { ...admitted, status: 'RUNNING' });
  if (planned) await updateRun(ledger, 'run-1', { planDigest });
};

const resumed = {
  ...{ decision: 'resume' as const, by: 'Ada', reason: 'known' },
  ...{ channel: 'iam' as const, assurance: 'high' as const, identity: 'arn:aws:iam::123456789012:role/Ada' },
};

const lease = async (ledger: Table) => (await itemsOf(ledger)).find(({ pk }) => pk === 'LEASE');

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

it('reports a success, ends the run in the ledger, gives the lease back and tells people', async () => {
  const { invoke, json, ledger } = await opened(planFile);
  await begun(ledger);
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { applied: ['002'] }));
  expect(await invoke({ ...ended(), dataApiCalls: 4 })).toEqual({
    ...{ status: 'SUCCEEDED', failure: null, report: 'runs/run-1/report.json' },
    // By these, the next environment is started.
    ...{ digest: admitted.digest, revert: null, starter: null, authors: [] },
  });
  expect(json('runs/run-1/report.json')).toMatchObject({
    ...{ run: 'run-1', status: 'SUCCEEDED', planDigest, dataApiCalls: 9 },
    databases: [
      { cluster: 'a', applied: ['002'], pending: [] },
      { cluster: 'b', applied: [], pending: [] },
    ],
  });
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'SUCCEEDED', endedAt: expect.any(String) });
  expect(await lease(ledger)).toEqual({ pk: 'LEASE', sk: 'LEASE', token: expect.any(Number) });
  expect(published()).toEqual([
    {
      TopicArn: 'arn:topic',
      Subject: 'SUCCEEDED: shop production',
      Message: 'Run run-1 of shop in production ended: SUCCEEDED.\n\n1 database migrated.\n',
    },
  ]);
  expect(counted()).toMatchObject([
    { ...{ service: 'shop', environment: 'production', run: 'run-1' }, RunsSucceeded: 1, DatabasesApplied: 1 },
  ]);
  expect(counted()[0].RunSeconds).toBeGreaterThan(0);
});

it('reports what failed in a database', async () => {
  const { invoke, ledger } = await opened(planFile);
  await begun(ledger);
  const failure = {
    migration: '002',
    file: '002.sql',
    statement: 1,
    line: 4,
    sqlstate: '42601',
    message: 'syntax error',
  };
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { verdict: 'failed', failure }));
  const cause = 'a/orders: 002.sql:4: statement 1: syntax error (SQLSTATE 42601)';
  expect(await invoke(ended({ Error: 'States.ExceedToleratedFailureThreshold', Cause: 'x' }))).toMatchObject({
    status: 'FAILED',
    failure: { error: 'MigrationFailed', cause },
  });
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'FAILED' });
  expect(published()).toMatchObject([{ Message: expect.stringContaining(cause) }]);
});

it('reports when and why the rollout was held, who said what, and what came of it', async () => {
  const { invoke, json, ledger } = await opened(planFile);
  await begun(ledger);
  const outcome = { decision: 'resume' as const, at: '2026-01-05T09:10:00.000Z' };
  const second = held({ hold: rollout({ number: 2, wave: 2 }), createdAt: '2026-01-05T09:20:00.000Z' });
  await openRequest(ledger, second);
  await openRequest(ledger, held({ votes: [{ ...resumed, at: outcome.at }], outcome }));
  await invoke(ended());
  expect(json('runs/run-1/report.json').holds).toMatchObject([
    {
      ...{ number: 1, heldAt: '2026-01-05T09:00:00.000Z', outcome, sentence: 'resumed by Ada: known' },
      ...{ reason: rollout().reason, votes: [{ by: 'Ada' }] },
    },
    { number: 2, wave: 2, outcome: null, sentence: 'waiting for a decision' },
  ]);
});

it('reports a run that ended before it had a plan', async () => {
  const { invoke, json, ledger } = await opened();
  await begun(ledger, { planned: false });
  const Cause = '{"errorType":"PlanRefused","errorMessage":"The plan can\'t be made"}';
  expect(await invoke(ended({ Error: 'PlanRefused', Cause }))).toMatchObject({
    status: 'FAILED',
    failure: { error: 'PlanRefused', cause: "The plan can't be made" },
  });
  expect(json('runs/run-1/report.json')).toMatchObject({ digest: null, databases: [] });
  expect(await lease(ledger)).not.toHaveProperty('owner');
  expect(published()).toHaveLength(1);
});

it('reports a run that was not admitted, and leaves the lease to who holds it', async () => {
  const { invoke, ledger } = await opened();
  await acquireLease(ledger, 'arn:other', new Date(), async () => true);
  const failure = { Error: 'LeaseHeld', Cause: '{"errorMessage":"arn:other has been at work"}' };
  expect(await invoke(ended(failure, { run: 'run-1' }))).toMatchObject({ status: 'FAILED' });
  expect(await lease(ledger)).toMatchObject({ owner: 'arn:other' });
  expect(await runRecord(ledger, 'run-1')).toBeUndefined();
  expect(counted()).toMatchObject([{ RunsFailed: 1 }]);
  expect(counted()[0]).not.toHaveProperty('RunSeconds');
  expect(published()).toMatchObject([
    { Message: expect.stringContaining('LeaseHeld:\n    arn:other has been at work') },
  ]);
});

it('leaves what the ledger holds of an earlier run of the same name alone', async () => {
  const { invoke, json, ledger } = await opened(planFile);
  await begun(ledger);
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { verdict: 'failed', applied: ['002'] }));
  await updateRun(ledger, 'run-1', { status: 'SUCCEEDED' });
  await invoke(ended({ Error: 'LeaseHeld', Cause: 'x' }, { run: 'run-1' }));
  expect(json('runs/run-1/report.json')).toMatchObject({ status: 'FAILED', digest: null, dataApiCalls: 0 });
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'SUCCEEDED' });
});

it('gives back the lease of an admission that broke after taking it', async () => {
  const { invoke, ledger } = await opened();
  await acquireLease(ledger, execution, new Date(), async () => true);
  await invoke(ended({ Error: 'SlowDown', Cause: 'S3' }, { run: 'run-1' }));
  expect(await lease(ledger)).not.toHaveProperty('owner');
});

it('has an outcome whether or not the mail goes out', async () => {
  const { invoke, ledger } = await opened(planFile);
  await begun(ledger);
  mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
  expect(await invoke(ended())).toMatchObject({ status: 'SUCCEEDED' });
  expect(await lease(ledger)).not.toHaveProperty('owner');
  expect(logs()).toContain('the result could not be sent');
});

it('gives the lease back even if the report can not be written, and leaves the telling to who closes such runs', async () => {
  const { invoke, ledger } = await opened(planFile);
  await begun(ledger);
  mocks.s3.on(PutObjectCommand).rejects(awsError('SlowDown', 'Please reduce your request rate.'));
  await expect(invoke(ended())).rejects.toMatchObject({ name: 'SlowDown' });
  expect(await lease(ledger)).not.toHaveProperty('owner');
  // The record is open still, by which CloseRun knows that it has to.
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'RUNNING' });
  expect([published(), counted()]).toEqual([[], []]);
});

it('tells people itself where the report of a run that was refused can not be written', async () => {
  const { invoke } = await opened(planFile);
  mocks.s3.on(PutObjectCommand).rejects(awsError('SlowDown', 'Please reduce your request rate.'));
  const refused = { run: { run: 'run-1' }, execution: 'arn:run-1', failure: { Error: 'LeaseHeld', Cause: 'x' } };
  await expect(invoke({ ...ended(), ...refused })).rejects.toMatchObject({ name: 'SlowDown' });
  const Message = 'SlowDown:\n    What became of the run could not be written down: Please reduce your request rate.';
  expect(published()).toMatchObject([
    { Subject: 'FAILED: shop production', Message: expect.stringContaining(Message) },
  ]);
  expect(counted()).toMatchObject([{ RunsFailed: 1, run: 'run-1' }]);
});

it('gives the lease back even if the plan can not be read', async () => {
  const { invoke, ledger } = await opened();
  await begun(ledger);
  await expect(invoke(ended())).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(await lease(ledger)).not.toHaveProperty('owner');
});

it('has an outcome even if the lease can not be given back: it is stale then', async () => {
  const { invoke, ledger } = await opened(planFile);
  await begun(ledger);
  const send = DynamoDBDocumentClient.prototype.send as (command: unknown) => Promise<never>;
  vi.spyOn(DynamoDBDocumentClient.prototype, 'send').mockImplementation(async function (
    this: DynamoDBDocumentClient,
    command: unknown,
  ) {
    const releases = command instanceof UpdateCommand && command.input.Key?.pk === 'LEASE';
    if (releases) throw awsError('ProvisionedThroughputExceededException');
    return send.call(this, command);
  });
  expect(await invoke(ended())).toMatchObject({ status: 'SUCCEEDED' });
  expect(await lease(ledger)).toMatchObject({ owner: execution });
  expect(logs()).toContain('the lease could not be given back');
  expect(published()).toHaveLength(1);
});

it.each([
  ['without execution', { ...ended(), execution: undefined }, 'execution'],
  ['without a name', { ...ended(), run: {} }, 'run.run'],
  ['with a failure that is none', ended({ Cause: 'x' }), 'failure.Error'],
])('refuses a run %s', async (_, event, field) => {
  const { invoke } = await opened();
  await expect(invoke(event)).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`Report can't work with its input: ${field}: `),
  });
});

type Opened = Awaited<ReturnType<typeof opened>>;
type Lying = Pick<Opened, 'ledger' | 'bucket'> & { key: string };
const put = (it: Opened['bucket'], Key: string, Body: string) => it.put({ Bucket: 'bucket', Key, Body });
const stood = attested({ run: 'run-1', databases: 1, fingerprint: sha256('schema 2') });

it.each<[string, (it: Lying) => unknown, number]>([
  ['says nothing more of a bundle that stood there already', () => {}, 7],
  ['says it again where somebody has put something over it', ({ bucket, key }) => put(bucket, key, 'x'), 12],
  ['says it again where it was deleted', ({ bucket, key }) => void delete bucket.files[key], 12],
  ['says it again where it may not have come there', ({ ledger }) => recordStanding(ledger, stood), 12],
])('%s, if nothing was to do', async (_, meanwhile, token) => {
  const { digest } = admitted;
  const idle = makePlan(bundleOf('001', '002'), [cluster('a', database('orders', 2))], {
    ...{ service: 'shop', environment: 'production', digest, rollout: inWavesOf(1), policy: 'p', fleet: 'f' },
    version: '1.0.0',
  });
  const written = { ...idle.plan, planDigest: idle.planDigest, dataApiCalls: {} };
  const { invoke, ledger, bucket, json } = await opened(
    Object.fromEntries(['run-2', 'run-3'].map((it) => [`runs/${it}/plan.json`, JSON.stringify(written)])),
  );
  const [again, next] = [run({ run: 'run-2', token: 12 }), run({ run: 'run-3', token: 13 })];
  await recordRun(ledger, { ...again, status: 'RUNNING' });
  await updateRun(ledger, 'run-2', { planDigest: idle.planDigest });
  await recordStanding(ledger, stood);
  const key = attestationKey(digest);
  const { VersionId } = await put(bucket, key, JSON.stringify({ statement: JSON.stringify(stood) }));
  await recordVersion(ledger, stood, VersionId);
  await meanwhile({ ledger, bucket, key });
  await invoke(ended(null, again));
  expect(await standingOf(ledger, digest)).toMatchObject({ standing: 'succeeded', token });
  expect(JSON.parse(json(key).statement)).toMatchObject({ token });
  // Then it lies there, and the next run has nothing to say.
  await recordRun(ledger, { ...next, status: 'RUNNING' });
  await updateRun(ledger, 'run-3', { planDigest: idle.planDigest });
  await invoke(ended(null, next));
  expect(await standingOf(ledger, digest)).toMatchObject({ token });
});
