import { expect, it } from 'vitest';
import { throttleRun } from '../../lib/cli/throttle-run.ts';

const pipeline = {
  ...{ service: 'shop', environment: 'production', bucket: 'b', ledger: 't', approvalUrl: '' },
  ...{ stateMachineArn: 'arn:aws:states:eu-west-1:1:stateMachine:shop', fleet: { bucket: 'b', key: 'k' } },
};
const named = (name: string): Error => Object.assign(new Error(name), { name });
const atWave = [
  { id: 3, type: 'MapRunStarted', mapRunStartedEventDetails: { mapRunArn: 'map' } },
  { id: 2, type: 'MapStateEntered', stateEnteredEventDetails: { name: 'Wave' }, timestamp: new Date(0) },
  {
    ...{ id: 1, type: 'TaskStateExited' },
    stateExitedEventDetails: {
      name: 'Gate',
      assignedVariables: { gate: '{"next":"wave","wave":{"wave":2},"again":false}' },
    },
  },
];

/** Throttles a run to 5, with this record and these answers; gives what became of it and what was asked. */
const throttled = async (answers: Record<string, unknown>, record: object | null = { execution: 'arn' }) => {
  const asked: Record<string, unknown>[] = [];
  const send = async (command: { input: object }) => {
    const name = command.constructor.name.replace('Command', '');
    asked.push({ name, ...command.input });
    const answer = answers[name];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer() : answer;
  };
  const clients = { sfn: { send }, dynamodb: { send: async () => ({ Item: record ?? undefined }) } } as never;
  const outcome = await throttleRun(clients, { pipeline, run: 'run-1' }, 5).catch((error: Error) => error);
  return { outcome, updated: asked.filter(({ name }) => name === 'UpdateMapRun') };
};

const running = { DescribeExecution: { status: 'RUNNING' }, GetExecutionHistory: { events: atWave } };

it('changes the concurrency of the map that carries the wave out, and tells what holds then', async () => {
  const counts = [50, 5].map((maxConcurrency) => ({ maxConcurrency, executionCounts: { running: 50, pending: 900 } }));
  const { outcome, updated } = await throttled({ ...running, DescribeMapRun: () => counts.shift(), UpdateMapRun: {} });
  expect(outcome).toEqual({
    ...{ environment: 'production', run: 'run-1', wave: 2, before: 50, after: 5, running: 50, pending: 900 },
  });
  expect(updated).toEqual([{ name: 'UpdateMapRun', mapRunArn: 'map', maxConcurrency: 5 }]);
});

it('says so where the wave ends in that very moment', async () => {
  const ended = { DescribeMapRun: { maxConcurrency: 50 }, UpdateMapRun: named('ValidationException') };
  const { outcome } = await throttled({ ...running, ...ended });
  expect(outcome).toMatchObject({
    ...{
      name: 'NoWaveAtWork',
      message: expect.stringMatching(/^run-1 has just ended a wave: no wave of it is at work/),
    },
  });
});

it('leaves a wave alone that has no map yet', async () => {
  const { outcome, updated } = await throttled({ ...running, GetExecutionHistory: { events: atWave.slice(1) } });
  expect(outcome).toMatchObject({ name: 'NoWaveAtWork', message: expect.stringContaining('only about to begin') });
  expect(updated).toEqual([]);
});

it('knows of a run that Step Functions has forgotten that it is over', async () => {
  const gone = { DescribeExecution: named('ExecutionDoesNotExist') };
  const record = { execution: 'arn', status: 'SUCCEEDED', startedAt: '2026-01-05T09:00:00Z' };
  expect((await throttled(gone, record)).outcome).toMatchObject({
    ...{ name: 'RunHasEnded', message: 'run-1 has ended as SUCCEEDED: there is nothing left to throttle.' },
  });
});

it('throttles no restore, and names the command that is meant', async () => {
  const { outcome } = await throttled({}, { execution: 'arn', restores: 'run-0' });
  expect(outcome).toMatchObject({
    name: 'IsARestore',
    message: expect.stringContaining('lockstep restore production run-0'),
  });
});

it('tells no run from one that is not in the ledger yet', async () => {
  expect((await throttled({ DescribeExecution: named('InvalidArn') }, null)).outcome).toMatchObject({
    name: 'UnknownRun',
  });
  const begun = { ...running, DescribeExecution: { status: 'RUNNING', input: '{"digest":"d"}' } };
  const planning = [{ id: 1, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'Admit' } }];
  expect((await throttled({ ...begun, GetExecutionHistory: { events: planning } }, null)).outcome).toMatchObject({
    ...{ name: 'NoWaveAtWork', message: expect.stringMatching(/^run-1 plans: /) },
  });
});
