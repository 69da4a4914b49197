import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordRun, runRecord } from '../../lib/ledger/runs.ts';
import { run } from '../fleet/samples.ts';
import { awsError, mocks, published, step } from './harness.ts';

const STATE_MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:lockstep-shop-production';
const { opened, logs } = step('report', {
  ATTESTATION_KEY: 'arn:key',
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic', STATE_MACHINE },
});
const admitted = run();
const halted = {
  ...{ run: admitted, execution: admitted.execution, revert: true },
  failure: { Error: 'RolloutHalted', Cause: 'an alarm is or was on: errors' },
};
const started = () => mocks.sfn.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input);

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

describe('a run that was halted and is to be taken back', () => {
  it('is, by an execution of its own, which the ledger says is decided before it is started', async () => {
    const { invoke, ledger } = await opened();
    await recordRun(ledger, { ...admitted, status: 'RUNNING' });
    let decided: unknown;
    mocks.sfn.on(StartExecutionCommand).callsFake(async () => {
      decided = (await runRecord(ledger, 'run-1'))?.revertedBy;
      return {};
    });
    expect(await invoke(halted)).toMatchObject({ status: 'FAILED' });
    expect(decided).toBe('run-1-revert');
    expect(started()).toEqual([
      {
        stateMachineArn: STATE_MACHINE,
        name: 'run-1-revert',
        input: JSON.stringify({ revert: 'run-1', requestedBy: 'Lockstep, since run run-1 was halted' }),
      },
    ]);
  });

  it('is once, though the answer was lost and the step is tried again', async () => {
    const { invoke, ledger } = await opened();
    await recordRun(ledger, { ...admitted, status: 'RUNNING' });
    mocks.sfn.on(StartExecutionCommand).rejects(awsError('ExecutionAlreadyExists'));
    expect(await invoke(halted)).toMatchObject({ failure: { cause: 'an alarm is or was on: errors' } });
    expect(started()).toMatchObject([{ name: 'run-1-revert' }]);
  });

  it('has people told what to do if that can not be started', async () => {
    const { invoke, ledger } = await opened();
    await recordRun(ledger, { ...admitted, status: 'RUNNING' });
    mocks.sfn.on(StartExecutionCommand).rejects(awsError('StateMachineDeleting'));
    await invoke(halted);
    expect(published()).toMatchObject([{ Message: expect.stringContaining('lockstep revert production run-1') }]);
    expect(logs()).toContain('the revert could not be started');
  });
});

it('a run that ended otherwise is not taken back', async () => {
  const { invoke, ledger } = await opened();
  await recordRun(ledger, { ...admitted, status: 'RUNNING' });
  await invoke({ ...halted, revert: false });
  expect(started()).toEqual([]);
});
