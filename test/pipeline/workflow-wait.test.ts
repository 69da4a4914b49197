import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import type { State } from '../../lib/pipeline/asl.ts';
import { rolloutOf } from '../../lib/pipeline/rollout-props.ts';
import { type WorkflowOptions, workflow } from '../../lib/pipeline/workflow.ts';
import { allStates } from './paths.ts';

const byTen = { expiresAfter: 3600, remindBefore: 600 };
const made = (options: Partial<WorkflowOptions> = {}) =>
  workflow({
    functionArn: (task) => task,
    bucket: 'bundles',
    approval: byTen,
    rollout: rolloutOf({}),
    databasesAtOnce: 1,
    healthCheck: null,

    ...options,
  });

describe('the wait for people', () => {
  const asking = (remindBefore: number) =>
    made({ approval: { ...byTen, remindBefore } }).States.RequestApproval as Task & { Next: string };
  const seconds = (remindBefore: number, asked: number) =>
    evaluated(asking(remindBefore).TimeoutSeconds as string, { asked });

  test.each([
    ['until the reminder', 600, 0, 3000],
    ['from there to the end', 600, 1, 600],
    ['once more for the function to close the matter', 600, 2, 300],
    ['to the end where nobody is reminded', 0, 0, 3600],
    ['once more for the function to close that matter', 0, 1, 300],
  ])('lasts %s', async (_, remindBefore, asked, expected) => {
    expect(await seconds(remindBefore, asked)).toBe(expected);
  });

  test('is told the same end each time, counted from the first question', async () => {
    const { Payload } = asking(600).Arguments as { Payload: { expiresAt: string; taskToken: string } };
    expect(Payload.taskToken).toBe('{% $states.context.Task.Token %}');
    const askedAt = Date.parse('2026-01-05T09:00:00.000Z');
    expect(await evaluated(Payload.expiresAt, { askedAt })).toBe('2026-01-05T10:00:00.000Z');
  });

  test('begins again after a time-out, and counts how often', async () => {
    const [timeout, all] = asking(600).Catch ?? [];
    expect(timeout).toMatchObject({ ErrorEquals: ['States.Timeout'], Next: 'RequestApproval' });
    expect(await evaluated((timeout!.Assign as { asked: string }).asked, { asked: 1 })).toBe(2);
    expect(all).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Report' });
  });

  test('is followed by another look at the fleet, and by a plan that knows what was approved', async () => {
    const { Assign, Next } = asking(600);
    expect(Next).toBe('InspectFleet');
    expect(await evaluated((Assign as { approved: string }).approved, { plan: { planDigest: 'abc' } })).toBe('abc');
    const { Arguments } = made().States.Plan as Task;
    expect(Arguments).toMatchObject({ Payload: { approved: '{% $approved %}' } });
  });

  test.each([
    ['asks people about what is pending', 2, null, 'RequestApproval'],
    ['rolls out what was approved', 2, 'abc', 'Gate'],
    ['asks nobody where nothing is pending', 0, null, 'Converge'],
  ])('%s', async (_, pending, approved, next) => {
    const { Choices, Default } = made().States.AnythingPending as State & { Type: 'Choice' };
    const met: boolean[] = [];
    for (const { Condition } of Choices)
      met.push(await evaluated(Condition, { plan: { pending }, approved, run: { decided: false } }));
    expect(Choices[met.indexOf(true)]?.Next ?? Default).toBe(next);
  });

  test('asks nobody where no approval is asked for', async () => {
    const { Choices } = made({ approval: null }).States.AnythingPending as State & { Type: 'Choice' };
    expect(Choices.map(({ Next }) => Next)).toEqual(['Gate']);
  });
});

describe('a rollout that is parked', () => {
  const { States } = made({ rollout: rolloutOf({ windows: { timeZone: 'UTC' } }) });

  test('waits in a task that can be woken, until its window opens', async () => {
    const { Resource, TimeoutSeconds, Catch, Arguments } = States.Park as Task;
    expect(Resource).toMatch(/\.waitForTaskToken$/);
    const seconds = (until: number) =>
      evaluated(TimeoutSeconds as string, { gate: { park: { until: new Date(until).toISOString() } } });
    expect(await seconds(Date.now() + 3_600_000)).toBeCloseTo(3_600, -1);
    expect(await seconds(Date.now() - 3_600_000)).toBe(1);
    expect(Catch?.[0]).toMatchObject({ ErrorEquals: ['States.Timeout'], Next: 'StillAsPlanned' });
    expect(Arguments).toMatchObject({ Payload: { taskToken: '{% $states.context.Task.Token %}' } });
  });

  test.each([
    ['planned once more before its first wave', 0, false, 'InspectFleet'],
    ['not planned again between waves, but told of if the glass was broken', 2, false, 'TellOfGlass'],
    ['ended without another look if it was abandoned', 0, true, 'Gate'],
    ['ended if it was abandoned between waves', 2, true, 'Gate'],
  ])('is %s', async (_, at, abandoned, next) => {
    const { Choices, Default } = States.StillAsPlanned as State & { Type: 'Choice' };
    const met: boolean[] = [];
    for (const { Condition } of Choices) met.push(await evaluated(Condition, { at, abandoned }));
    expect(Choices[met.indexOf(true)]?.Next ?? Default).toBe(next);
  });
});

test('a statement that outlives its call is asked about ever less often, once a minute at the most', async () => {
  const found = allStates(made()).find(([name]) => name === 'WaitWhileRunning')?.[1] as { Seconds: string };
  const seconds = (polls: number) => evaluated(found.Seconds, { states: { input: { polls } } });
  expect(await Promise.all([0, 1, 2, 5, 8, 9, 100_000].map(seconds))).toEqual([2, 3, 4, 15, 51, 60, 60]);
});

type Task = State & { Type: 'Task' };

function evaluated(expression: string, variables: object) {
  return jsonata(expression.replace(/^\{%(.*)%\}$/s, '$1')).evaluate({}, variables);
}
