import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, it, vi } from 'vitest';
import { announce, announcement } from '../../lib/ledger/requests.ts';
import { awsError, mocks, step } from './harness.ts';

const TEST = 'arn:aws:states:eu-west-1:111111111111:stateMachine:lockstep-shop-test';
const PATHS = JSON.stringify([
  { path: 'regular', stateMachineArn: TEST },
  { path: 'other', stateMachineArn: `${TEST}-other` },
]);
const { opened } = step('promote', { STATE_MACHINE: 'arn:machine', PATHS });

const digest = 'd'.repeat(64);
const starter = 'arn:aws:iam::111111111111:user/anna';
const told = (more: object = {}) => ({
  'detail-type': 'Step Functions Execution Status Change',
  detail: {
    ...{ executionArn: `${TEST}:run-7`, stateMachineArn: TEST, name: 'run-7', status: 'SUCCEEDED' },
    output: JSON.stringify({ status: 'SUCCEEDED', digest, revert: null, starter, authors: ['berta'], ...more }),
  },
});
const started = () => mocks.sfn.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input);

it('starts a run of the bundle on the path that comes from there, which waits for what is missing', async () => {
  const { invoke, ledger } = await opened();
  mocks.sfn.on(StartExecutionCommand).resolves({});
  const { started: names } = await invoke(told());
  expect(started()).toEqual([{ stateMachineArn: 'arn:machine', name: names[0], input: expect.any(String) }]);
  expect(JSON.parse(started()[0]!.input!)).toEqual({
    ...{ digest, path: 'regular', waits: true, requestedBy: 'Lockstep, after run-7' },
  });
  // Who started it before counts as the one who has started it here.
  expect(await announcement(ledger, names[0])).toMatchObject({ arn: starter, digest, authors: ['berta'] });
});

it('starts it once, however often it is told', async () => {
  const { invoke } = await opened();
  mocks.sfn.on(StartExecutionCommand).resolvesOnce({}).rejects(awsError('ExecutionAlreadyExists'));
  const [first, second] = [await invoke(told()), await invoke(told())];
  expect(second).toEqual(first);
});

it.each([{ arn: 'arn:aws:iam::111111111111:user/eve' }, { digest: 'e'.repeat(64) }])(
  'starts nothing where its name has been announced otherwise: %j',
  async (other) => {
    const { invoke, ledger } = await opened();
    mocks.sfn.on(StartExecutionCommand).resolves({});
    const elsewhere = await opened();
    const { started: names } = await elsewhere.invoke(told());
    mocks.sfn.resetHistory();
    await announce(ledger, names[0], { arn: starter, digest, authors: [], at: '2026-01-05T10:00:00.000Z', ...other });
    vi.stubEnv('LEDGER_TABLE', ledger.name);
    await expect(invoke(told())).rejects.toMatchObject({ name: 'AnnouncedOtherwise' });
    expect(started()).toEqual([]);
  },
);

it('starts nothing when a run was taken back, nor by an unknown environment', async () => {
  const { invoke } = await opened();
  expect(await invoke(told({ revert: 'run-6' }))).toEqual({ started: [] });
  const { detail, ...event } = told();
  expect(await invoke({ ...event, detail: { ...detail, stateMachineArn: 'arn:foreign' } })).toEqual({ started: [] });
  expect(started()).toEqual([]);
});

it('announces nobody where nobody is known to have started it', async () => {
  const { invoke, ledger } = await opened();
  mocks.sfn.on(StartExecutionCommand).resolves({});
  const { started: names } = await invoke(told({ starter: null }));
  expect(await announcement(ledger, names[0])).toBeUndefined();
});
