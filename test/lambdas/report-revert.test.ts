import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { recordRun, recordVerdict, runRecord, updateRun } from '../../lib/ledger/runs.ts';
import { recordStanding, standingOf } from '../../lib/ledger/standings.ts';
import { attestationKey } from '../../lib/policy/promotion/statements.ts';
import { bundleOf, cluster, database, inWavesOf, run, verdict } from '../fleet/samples.ts';
import { attested, digest } from '../policy/promotion/sample.ts';
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

it('a run that takes one back takes back what was said since of every bundle, for another may be more of the same', async () => {
  const fleet = [cluster('a', database('orders', 1))];
  const { plan, planDigest } = makePlan(bundleOf('001'), fleet, {
    ...{ service: 'shop', environment: 'production', digest, rollout: inWavesOf(1), policy: 'p', fleet: 'f' },
    version: '1.0.0',
  });
  const written = { ...plan, revert: 'run-1', planDigest, dataApiCalls: {} };
  const { invoke, ledger, json } = await opened({ 'runs/run-2/plan.json': JSON.stringify(written) });
  const back = run({ run: 'run-2', token: 12, revert: 'run-1' });
  await recordRun(ledger, { ...admitted, status: 'SUCCEEDED' });
  await recordRun(ledger, { ...back, status: 'RUNNING' });
  await updateRun(ledger, 'run-2', { planDigest });
  await recordVerdict(ledger, 'run-2', verdict('a', 'orders', { verdict: 'reverted', reverted: ['001'] }));
  const [more, failed, earlier] = ['e', 'b', 'c'].map((it) => it.repeat(64)) as [string, string, string];
  await recordStanding(ledger, attested());
  await recordStanding(ledger, attested({ digest: more, token: 9 }));
  await recordStanding(ledger, attested({ digest: failed, token: 10, standing: 'failed', because: 'it broke' }));
  await recordStanding(ledger, attested({ digest: earlier, token: 6 }));
  await invoke({ ...halted, run: back, revert: false, failure: null });
  const found = await Promise.all([digest, more, failed, earlier].map((of) => standingOf(ledger, of)));
  const because = 'run-2 took back what run-1 had applied';
  expect(found).toMatchObject([
    { standing: 'reverted', token: 12, because },
    { standing: 'reverted', token: 12, because, run: 'run-2', plan: planDigest, digest: more, fingerprint: null },
    { standing: 'failed', because: 'it broke' },
    { standing: 'succeeded', token: 6 },
  ]);
  expect(JSON.parse(json(attestationKey(more)).statement)).toEqual(found[1]);
});
