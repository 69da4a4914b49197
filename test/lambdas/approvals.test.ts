import { SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { getApproval, putApproval } from '../../lib/ledger/approvals.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { bundleOf, cluster, database } from '../fleet/samples.ts';
import { awsError, mocks, step, uploaded } from './harness.ts';

const { opened, logs } = step('approvals');

const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAc-the-task-token';
const bundle = bundleOf('001');
const { plan, planDigest } = makePlan(bundle, [cluster('a', database('orders'))], {
  service: 'shop',
  environment: 'production',
  digest: digest(bundle),
  waveSize: 1,
});
const files = () => ({
  ...uploaded(bundle),
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: 1 }),
});

const asked = async (ledger: Table) => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const of = { run: 'run-1', planDigest, requestedBy: 'anna', createdAt: new Date().toISOString() };
  return putApproval(ledger, { ...of, taskToken: TOKEN, expiresAt });
};

/** A request as API Gateway hands it on; it encodes the bodies of forms. */
const request = (method: string, path: string, form?: Record<string, string>): Partial<APIGatewayProxyEventV2> => ({
  version: '2.0',
  routeKey: `${method} /approvals/{id}`,
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'approve.example', ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
  requestContext: {
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'a browser' },
    domainName: 'approve.example',
  } as never,
  ...(form ? { body: Buffer.from(String(new URLSearchParams(form))).toString('base64') } : {}),
  isBase64Encoded: form !== undefined,
});

it('shows the plan and takes the decision of a form, behind API Gateway', async () => {
  const { invoke, ledger } = await opened(files());
  mocks.sfn.on(SendTaskHeartbeatCommand).resolves({}).on(SendTaskSuccessCommand).resolves({});
  const { id } = await asked(ledger);
  const page = await invoke(request('GET', `/approvals/${id}`));
  expect(page).toMatchObject({ statusCode: 200, isBase64Encoded: false, headers: { 'cache-control': 'no-store' } });
  const nonce = /name="nonce" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const form = { nonce, decision: 'approved', by: 'Berta Müller' };
  const answer = await invoke(request('POST', `/approvals/${id}`, form));
  expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('by Berta Müller') });
  expect((await getApproval(ledger, id))?.decision).toMatchObject({ decision: 'approved', by: 'Berta Müller' });
  expect(mocks.sfn.commandCalls(SendTaskSuccessCommand)).toHaveLength(1);
});

it('finds no request under an unknown id', async () => {
  const { invoke } = await opened(files());
  expect(await invoke(request('GET', `/approvals/${'A'.repeat(22)}`))).toMatchObject({ statusCode: 404 });
});

it('tells the task token to nobody, whatever goes wrong', async () => {
  const { invoke, ledger } = await opened(files());
  const { id } = await asked(ledger);
  const page = await invoke(request('GET', `/approvals/${id}`));
  const nonce = /name="nonce" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const message = `Value '${TOKEN}' at 'taskToken' failed to satisfy constraint`;
  mocks.sfn.on(SendTaskHeartbeatCommand).resolves({});
  mocks.sfn.on(SendTaskSuccessCommand).rejects(awsError('ValidationException', message));
  const answer = await invoke(request('POST', `/approvals/${id}`, { nonce, decision: 'approved', by: 'Berta' }));
  expect(answer).toMatchObject({ statusCode: 500 });
  expect(logs()).toContain('could not be sent to the run: ValidationException');
  expect(JSON.stringify([page, answer, logs()])).not.toContain(TOKEN);
});
