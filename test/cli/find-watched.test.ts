import { describe, expect, it } from 'vitest';
import { arrivingRuns, arrivingView } from '../../lib/cli/arriving-runs.ts';
import { findWatched } from '../../lib/cli/find-watched.ts';

const machineOf = (environment: string) => `arn:aws:states:eu-west-1:1:stateMachine:lockstep-shop-${environment}`;
const parameter = (environment: string) => ({
  Name: `/lockstep/shop/${environment}`,
  Value: JSON.stringify({
    ...{ service: 'shop', environment, bucket: 'b', ledger: environment, approvalUrl: '' },
    ...{ stateMachineArn: machineOf(environment), restoreStateMachineArn: '', previewStateMachineArn: '' },
    ...{ driftStateMachineArn: '', fleet: { bucket: 'b', key: 'k' }, policy: null, after: [], production: false },
  }),
});
const named = (name: string): Error => Object.assign(new Error(name), { name });

type Running = { run: string; admitted?: boolean; events?: object[] };

/** Two environments; in production these executions run, and staging has none. `denied` is what one may not ask. */
const cloud = (running: Running[], denied = '') => {
  const answers: Record<string, (input: Record<string, string>) => unknown> = {
    GetParametersByPath: () => ({ Parameters: ['staging', 'production'].map(parameter) }),
    ListExecutions: ({ stateMachineArn, statusFilter }) => ({
      executions: (stateMachineArn === machineOf('production') && statusFilter === 'RUNNING' ? running : []).map(
        ({ run }) => ({ name: run, executionArn: run, startDate: new Date('2026-01-05T09:00:00Z') }),
      ),
    }),
    Get: (input) => {
      const key = JSON.stringify(input.Key);
      const found = running.find(({ run, admitted }) => admitted && key.includes(`RUN#${run}"`));
      return { Item: found && input.TableName === 'production' ? { run: found.run, execution: found.run } : undefined };
    },
    DescribeExecution: ({ executionArn }) => {
      const found = running.some(
        ({ run }) => executionArn === `${machineOf('production').replace(':stateMachine:', ':execution:')}:${run}`,
      );
      if (!found) throw named('ExecutionDoesNotExist');
      return {};
    },
    GetExecutionHistory: ({ executionArn }) => ({
      events: running.find(({ run }) => run === executionArn)?.events ?? [],
    }),
  };
  const send = async (command: { input: Record<string, string> }) => {
    const name = command.constructor.name.replace('Command', '');
    if (name === denied) throw named('AccessDeniedException');
    return answers[name]!(command.input);
  };
  return { ssm: { send }, sfn: { send }, dynamodb: { send }, s3: { send } } as never;
};

const found = async (running: Running[], name: string, run?: string) => {
  const { pipeline, run: which } = await findWatched(cloud(running), name, run);
  return `${pipeline.environment} ${which}`;
};

describe('what is to be watched', () => {
  it.each(['production', 'shop/production'])('is, of %s, the run that waits to be admitted', async (name) => {
    expect(await found([{ run: 'waiting' }], name)).toBe('production waiting');
  });

  it('is the one that is at work, whoever else waits for its turn', async () => {
    const running = [{ run: 'waiting' }, { run: 'working', admitted: true }, { run: 'waiting-too' }];
    expect(await found(running, 'production')).toBe('production working');
  });

  it('has to be named where several wait', async () => {
    await expect(found([{ run: 'one' }, { run: 'two' }], 'production')).rejects.toMatchObject({
      ...{ name: 'AmbiguousName', message: expect.stringContaining('production one, production two') },
    });
  });

  it('is nothing where none has begun', async () => {
    await expect(found([{ run: 'waiting' }], 'staging')).rejects.toThrow('No run is at work in staging');
  });

  it.each([true, false])('may be named without its environment, admitted or not (%s)', async (admitted) => {
    expect(await found([{ run: 'automatic-1', admitted }], 'automatic-1')).toBe('production automatic-1');
  });

  it('is unknown where nobody knows it', async () => {
    await expect(found([{ run: 'waiting' }], 'never-was')).rejects.toMatchObject({ name: 'UnknownRun' });
  });
});

describe('runs that wait until their bundle may come here', () => {
  const message = 'Bundle dddddddddddd waits for production:\n- e2e: nobody has attested it\u001b[2J';
  const waiting = [
    { id: 3, type: 'WaitStateEntered', stateEnteredEventDetails: { name: 'WaitForPromotion' } },
    {
      ...{ id: 2, type: 'TaskFailed' },
      taskFailedEventDetails: { error: 'NotPromotedYet', cause: JSON.stringify({ errorMessage: message }) },
    },
    { id: 1, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'Admit' } },
  ];
  const working = [{ id: 1, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'Plan' } }];
  const running = [
    { run: 'waiting', events: waiting },
    { run: 'working', events: working, admitted: true },
  ];

  it('are listed with what they wait for, those at work are not', async () => {
    const runs = await arrivingRuns(cloud(running), { stateMachineArn: machineOf('production') });
    expect(runs).toMatchObject([{ run: 'waiting', since: '2026-01-05T09:00:00.000Z' }]);
    expect(arrivingView(runs, 'production', false)).toBe(
      [
        'waits     waiting  since 2026-01-05 09:00:00Z: it waits until its bundle may come here: e2e: nobody has attested it⟨U+001B⟩[2J',
        '  it goes on by itself then; to follow it: lockstep watch production waiting',
      ].join('\n'),
    );
  });

  it('are left out for whoever may not look', async () => {
    expect(
      await arrivingRuns(cloud(running, 'ListExecutions'), { stateMachineArn: machineOf('production') }),
    ).toBeNull();
    expect(arrivingView(null, 'production', false)).toBe('');
  });
});
