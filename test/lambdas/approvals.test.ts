import { SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { announcement, getRequest, openRequest, putLink } from '../../lib/ledger/requests.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { asked, policy } from '../approval/request.ts';
import { bundleOf, cluster, database, inWavesOf } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { awsError, mocks, step, uploaded } from './harness.ts';

const { opened, logs } = step('approvals', {});

const TOKEN = asked().taskToken;
const ADA = 'arn:aws:sts::123456789012:assumed-role/Ada/terminal';
const DORA = 'arn:aws:sts::123456789012:assumed-role/Admin/dora@example.com';
const bundle = bundleOf('001');
const { plan, planDigest } = makePlan(bundle, [cluster('a', database('orders'))], {
  ...{ service: 'shop', environment: 'production', digest: digest(bundle), rollout: inWavesOf(1) },
  ...{ policy: 'p', fleet: 'f', version: '1.0.0' },
});
const files = () => ({
  ...uploaded(bundle),
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: {} }),
});

/** A request, and Ada's link to it. */
const asking = async (ledger: Table, more: Partial<ApprovalRequest> = {}) => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const of = { planDigest, digest: digest(bundle), createdAt: new Date().toISOString(), expiresAt };
  const request = asked({ ...of, policy: policy({ slack: null }), ...more });
  await openRequest(ledger, request);
  return `/approvals/${await putLink(ledger, { run: 'run-1', person: 'Ada', createdAt: request.createdAt })}`;
};

type Call = { form?: Record<string, string>; json?: object; caller?: string };

/** A request as API Gateway hands it on: it encodes the bodies of forms, and says who the caller is if IAM had to tell. */
const request = (method: string, path: string, { form, json, caller }: Call = {}): Partial<APIGatewayProxyEventV2> => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers: {
    host: 'approve.example',
    ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(json ? { 'content-type': 'application/json' } : {}),
  },
  requestContext: {
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'a browser' },
    domainName: 'approve.example',
    ...(caller ? { authorizer: { iam: { userArn: caller } } } : {}),
  } as never,
  ...(form ? { body: Buffer.from(String(new URLSearchParams(form))).toString('base64') } : {}),
  ...(json ? { body: JSON.stringify(json) } : {}),
  isBase64Encoded: form !== undefined,
});

const nonceOf = ({ body }: { body: string }): string => /name="nonce" value="([^"]+)"/.exec(body)?.[1] ?? '';

describe('the pages', () => {
  it('show the plan and take the decision of a form, behind API Gateway', async () => {
    const { invoke, ledger } = await opened(files());
    mocks.sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
    const path = await asking(ledger);
    const page = await invoke(request('GET', path));
    expect(page).toMatchObject({ statusCode: 200, isBase64Encoded: false, headers: { 'cache-control': 'no-store' } });
    const form = { nonce: nonceOf(page), decision: 'approved', environment: 'production', reason: 'für Müller' };
    expect(await invoke(request('POST', path, { form }))).toMatchObject({ statusCode: 200 });
    expect(await getRequest(ledger, 'run-1')).toMatchObject({
      outcome: { decision: 'approved' },
      votes: [{ by: 'Ada', channel: 'mail', assurance: 'low', reason: 'für Müller' }],
    });
    expect(mocks.sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
  });

  it('find no request under an unknown id', async () => {
    const { invoke } = await opened(files());
    expect(await invoke(request('GET', `/approvals/${'A'.repeat(22)}`))).toMatchObject({ statusCode: 404 });
  });

  it('tell the task token to nobody, whatever goes wrong', async () => {
    const { invoke, ledger } = await opened(files());
    const path = await asking(ledger);
    const page = await invoke(request('GET', path));
    const message = `Value '${TOKEN}' at 'taskToken' failed to satisfy constraint`;
    mocks.sfn.on(SendTaskHeartbeatCommand).resolves({});
    mocks.sfn.on(SendTaskSuccessCommand).rejects(awsError('ValidationException', message));
    const form = { nonce: nonceOf(page), decision: 'approved', environment: 'production', reason: '' };
    const answer = await invoke(request('POST', path, { form }));
    expect(answer).toMatchObject({ statusCode: 502 });
    expect(logs()).toContain('could not be told: ValidationException');
    expect(JSON.stringify([page, answer, logs()])).not.toContain(TOKEN);
  });
});

describe("the command line's requests", () => {
  const decision = { decision: 'approved', planDigest };
  const routes: [string, string, object | undefined][] = [
    ['POST', '/runs/run-1/announcement', { digest: 'd'.repeat(64) }],
    ['GET', '/requests', undefined],
    ['GET', '/runs/run-1/approval', undefined],
    ['POST', '/runs/run-1/decision', decision],
  ];

  it.each(routes)('are forbidden without an authorizer that has looked: %s %s', async (method, path, json) => {
    const { invoke, ledger } = await opened(files());
    await asking(ledger);
    const before = await itemsOf(ledger);
    const answer = await invoke(request(method, path, json ? { json } : {}));
    expect(answer).toMatchObject({ statusCode: 403, body: expect.stringContaining('"error":"Forbidden"') });
    expect(await itemsOf(ledger)).toEqual(before);
  });

  it('announce a run, list and show its request, and decide, by whom IAM has authorized', async () => {
    const { invoke, ledger } = await opened(files());
    mocks.sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
    await asking(ledger);
    const json = { digest: digest(bundle), authors: [] };
    const announced = await invoke(request('POST', '/runs/run-1/announcement', { json, caller: DORA }));
    expect([announced.statusCode, (await announcement(ledger, 'run-1'))?.arn]).toEqual([200, DORA]);
    const listed = await invoke(request('GET', '/requests', { caller: ADA }));
    expect(JSON.parse(listed.body)).toMatchObject({ requests: [{ run: 'run-1', state: 'waiting' }] });
    const decided = await invoke(request('POST', '/runs/run-1/decision', { json: decision, caller: ADA }));
    expect([decided.statusCode, JSON.parse(decided.body)]).toMatchObject([200, { result: 'counted' }]);
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ votes: [{ by: 'Ada', channel: 'iam', identity: ADA }] });
    expect(JSON.stringify([announced, listed, decided])).not.toContain(TOKEN);
  });
});

describe('a broken glass', () => {
  it('lets the run go ahead, which tells everybody before it does anything', async () => {
    const { invoke, ledger } = await opened(files());
    mocks.sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
    await asking(ledger, { quorum: 2 });
    const json = { decision: 'approved', planDigest, breakGlass: true, reason: 'checkout is down for everybody' };
    expect(await invoke(request('POST', '/runs/run-1/decision', { json, caller: DORA }))).toMatchObject({
      statusCode: 200,
    });
    expect(mocks.sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
    expect(await getRequest(ledger, 'run-1')).toMatchObject({ votes: [{ by: 'Dora', breakGlass: true }] });
  });
});
