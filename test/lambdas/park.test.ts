import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { setControl } from '../../lib/ledger/control.ts';
import { parkedOf, parkTokenOf } from '../../lib/ledger/parked.ts';
import type { ApprovalRequest } from '../../lib/ledger/request.ts';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRun } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { asked, policy } from '../approval/request.ts';
import { run } from '../fleet/samples.ts';
import { mocks, published, step } from './harness.ts';

const rules = policy({ slack: null });
const variables = {
  ...{ TOPIC: 'arn:topic', SERVICE: 'shop', ENVIRONMENT: 'production' },
  ...{ POLICY_BUCKET: 'assets', POLICY_KEY: 'policy.json' },
};
const { opened, logs } = step('park', variables);
const park = {
  ...{ until: '2027-03-28T00:30:00.000Z', shown: 'Sunday 28 March 2027, 01:30 Europe/Berlin' },
  ...{ reason: 'nothing is changed on a Friday', wave: 1, name: 'canary' },
};
const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAc-the-park-token';
const event = (taskToken: string | null = TOKEN) => ({ run: run(), park, taskToken });
const files = () => ({ 'policy.json': JSON.stringify(rules) });
const woken = () => mocks.sfn.commandCalls(SendTaskSuccessCommand).map(({ args: [{ input }] }) => input.taskToken);
const all = async ({ client, name }: Table, pk: string) =>
  (
    await client.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
      }),
    )
  ).Items;
const glass: ApprovalRequest = asked({
  outcome: { decision: 'approved', at: '2026-01-05T09:10:00.000Z' },
  votes: [
    {
      ...{ decision: 'approved', by: 'Dora', reason: 'nobody can pay any more', at: '2026-01-05T09:30:00.000Z' },
      ...{ channel: 'iam', assurance: 'high', identity: 'arn', breakGlass: true, forWindow: true },
    },
  ],
  policy: rules,
});

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
  mocks.sfn.on(SendTaskSuccessCommand).resolves({});
});

it('puts down until when it rests and by which token it is woken, and tells everybody', async () => {
  const { invoke, ledger } = await opened(files());
  await invoke(event());
  expect(await parkedOf(ledger, 'run-1')).toEqual({ at: expect.any(String), ...park });
  expect(await parkTokenOf(ledger, 'run-1')).toBe(TOKEN);
  // Who may only follow runs may read these, and must not wake one.
  for (const pk of ['CONTROL#run-1', 'RUN#run-1']) expect(JSON.stringify(await all(ledger, pk))).not.toContain(TOKEN);
  expect(JSON.stringify(await all(ledger, 'APPROVAL#run-1'))).toContain(TOKEN);
  expect(woken()).toEqual([]);
  const [mail] = published();
  expect(mail?.Subject).toBe('Parked: shop production, until Sunday 28 March 2027, 01:30 Europe/Berlin');
  expect(mail?.Message).toContain('but nothing is changed on a Friday.');
  expect(mail?.Message).toContain('lockstep abandon production run-1 --reason');
  expect(mail?.Message).toContain('--break-glass');
  expect(logs()).not.toContain(TOKEN);
});

it('rests whether or not people hear of it', async () => {
  const { invoke } = await opened(files());
  mocks.sns.on(PublishCommand).rejects(new Error('no mail today'));
  expect(await invoke(event())).toEqual({});
  expect(logs()).toContain('not everybody could be told');
});

it('does not rest if somebody has abandoned it, or broken the glass, a moment ago', async () => {
  const abandoned = await opened(files());
  await recordRun(abandoned.ledger, { ...run(), status: 'RUNNING' });
  const order = { state: 'abandoned' as const, by: 'Ada', reason: 'no', at: '2026-01-05T10:00:00Z' };
  await setControl(abandoned.ledger, 'run-1', order);
  await abandoned.invoke(event());
  expect(woken()).toEqual([TOKEN]);
  const broken = await opened(files());
  await openRequest(broken.ledger, glass);
  await broken.invoke(event('another token'));
  expect(woken()).toEqual([TOKEN, 'another token']);
  expect(published()).toEqual([]);
});

it('tells everybody of the broken glass once it was woken by that, and rests no more', async () => {
  const { invoke, ledger } = await opened(files());
  await openRequest(ledger, glass);
  await invoke(event(null));
  expect(published().map(({ Subject }) => Subject)).toContain('GLASS BROKEN: shop production, by Dora');
  expect(await parkedOf(ledger, 'run-1')).toBeUndefined();
});
