import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { phaseIn, phaseReader } from '../../lib/cli/run-phase.ts';
import { rolloutOf } from '../../lib/pipeline/rollout-props.ts';
import { workflow } from '../../lib/pipeline/workflow.ts';

const entered = (name: string, type = 'TaskStateEntered'): Partial<HistoryEvent> => ({
  type: type as HistoryEvent['type'],
  stateEnteredEventDetails: { name },
});
const gate = (step: object): Partial<HistoryEvent> => ({
  type: 'TaskStateExited',
  stateExitedEventDetails: { name: 'Gate', assignedVariables: { gate: JSON.stringify(step) } },
});
const submitted: Partial<HistoryEvent> = { type: 'TaskSubmitted' };
const mapRun = (mapRunArn: string): Partial<HistoryEvent> => ({
  type: 'MapRunStarted',
  mapRunStartedEventDetails: { mapRunArn },
});

const waits = entered('WaitForPromotion', 'WaitStateEntered');
const refused = (errorMessage: string): Partial<HistoryEvent> => ({
  type: 'TaskFailed',
  taskFailedEventDetails: {
    ...{ resourceType: 'lambda', resource: 'invoke', error: 'NotPromotedYet' },
    cause: errorMessage === '' ? 'Task timed out' : JSON.stringify({ errorMessage }),
  },
});

/** Newest first, as they are read. */
const history = (...events: Partial<HistoryEvent>[]): HistoryEvent[] =>
  events
    .map((it, at) => ({ id: at + 1, timestamp: new Date(Date.UTC(2026, 0, 5, 9, 0, at)), ...it }) as HistoryEvent)
    .reverse();

const wave = { next: 'wave', wave: { wave: 2, name: 'rest' }, again: false };

const until = '2026-01-05T10:00:00Z';
const park = (answer: object | null = null) => ({ next: 'park', park: { wave: 2, name: 'rest', until }, answer });
const parked = (more: object) => ({ ...{ phase: 'parked', wave: 2, again: false, until, waits: true }, ...more });

describe('what a run is at', () => {
  it.each([
    ['planning', [entered('Admit')], { phase: 'planning' }],
    [
      'waiting for what its path still asks for',
      [entered('Admit'), refused('Bundle d waits:\n- e2e: nobody has attested it\n- staging: not yet'), waits],
      { phase: 'arriving', missing: ['e2e: nobody has attested it', 'staging: not yet'] },
    ],
    [
      'looking again whether it may come here',
      [refused('Bundle d waits:\n- e2e: nobody'), waits, entered('Admit')],
      { phase: 'arriving', missing: ['e2e: nobody'] },
    ],
    ['waiting for what it does not say', [refused(''), waits], { phase: 'arriving', missing: [] }],
    [
      'admitted after it has waited',
      [refused('x:\n- y'), waits, entered('Admit'), entered('Lint')],
      { phase: 'planning' },
    ],
    ['asking', [entered('RequestApproval')], { phase: 'asking', waits: false }],
    ['asked', [entered('RequestApproval'), submitted], { phase: 'asking', waits: true }],
    ['held', [entered('Hold'), submitted], { phase: 'held', waits: true }],
    [
      'told to go on in this moment',
      [entered('Hold'), submitted, { type: 'TaskSucceeded' }],
      { phase: 'held', waits: false },
    ],
    ['comparing', [entered('Converge')], { phase: 'converging' }],
    ['reporting', [entered('Report')], { phase: 'reporting' }],
    [
      'baking',
      [
        gate({ next: 'bake', wave: 1, seconds: 60, until: '2026-01-05T10:00:00Z' }),
        entered('Bake', 'WaitStateEntered'),
      ],
      { phase: 'baking', wave: 1, until: '2026-01-05T10:00:00Z' },
    ],
    [
      'asking its health check',
      [gate({ next: 'health', wave: 1 }), entered('HealthCheck')],
      { phase: 'checking', wave: 1 },
    ],
    ['about to be parked', [gate(park()), entered('Park')], parked({ waits: false })],
    ['parked', [gate(park()), entered('Park'), submitted], parked({})],
    ['parked, its wave begun before', [gate(park({})), entered('Park'), submitted], parked({ again: true })],
    [
      'woken in this moment',
      [
        ...[gate(park()), entered('Park'), submitted],
        ...[entered('StillAsPlanned', 'ChoiceStateEntered'), entered('TellOfGlass'), entered('Gate')],
      ],
      parked({ waits: false }),
    ],
    ['planned once more', [gate(park()), entered('Park'), submitted, entered('InspectFleet')], { phase: 'planning' }],
    ['nothing yet', [{ type: 'ExecutionStarted' }, gate(wave), entered('WhatNext', 'ChoiceStateEntered')], null],
    [
      'still baking while it is decided what comes next',
      [
        gate({ next: 'bake', wave: 1, seconds: 60, until: '2026-01-05T10:00:00Z' }),
        ...[
          entered('Bake', 'WaitStateEntered'),
          entered('Gate'),
          gate(wave),
          entered('WhatNext', 'ChoiceStateEntered'),
        ],
      ],
      { phase: 'baking', wave: 1, until: '2026-01-05T10:00:00Z' },
    ],
    ['nothing that it says', [gate({ next: 'wave' }), entered('Bake')], null],
  ] as const)('%s', (_, events, phase) => expect(phaseIn(history(...events))).toEqual(phase));

  it('a wave, and the map that carries it out, not the one before', () => {
    const before = [mapRun('first'), gate(wave), entered('Wave', 'MapStateEntered')];
    const since = '2026-01-05T09:00:02.000Z';
    expect(phaseIn(history(...before))).toEqual({ phase: 'wave', wave: 2, again: false, since, mapRun: null });
    expect(phaseIn(history(...before, mapRun('second')))).toMatchObject({ mapRun: 'second' });
    const redriven = { type: 'MapRunRedriven', mapRunRedrivenEventDetails: { mapRunArn: 'second' } } as const;
    expect(phaseIn(history(...before, mapRun('second'), redriven))).toMatchObject({ wave: 2, mapRun: 'second' });
  });
});

it('reads events and their data only when there are new ones', async () => {
  const asked: string[] = [];
  let events = history(entered('Admit'));
  const send = async ({ input }: { input: { maxResults: number; includeExecutionData?: boolean } }) => {
    asked.push(input.includeExecutionData === false ? 'a look' : 'all');
    return { events: events.slice(0, input.maxResults) };
  };
  const read = phaseReader({ send } as never, 'arn');
  expect(await read()).toEqual({ phase: 'planning' });
  expect(await read()).toEqual({ phase: 'planning' });
  events = history(entered('Admit'), entered('RequestApproval'));
  expect(await read()).toEqual({ phase: 'asking', waits: false });
  // Between two states it is where it was.
  events = history(entered('Admit'), entered('RequestApproval'), entered('WhatNext', 'ChoiceStateEntered'));
  expect(await read()).toEqual({ phase: 'asking', waits: false });
  expect(asked).toEqual(['a look', 'all', 'a look', 'a look', 'all', 'a look', 'all']);
});

it('knows each state of the workflow, or passes it over as one between two others', () => {
  const { States } = workflow({
    ...{ functionArn: (task: string) => task, bucket: 'b', databasesAtOnce: 1 },
    rollout: rolloutOf({ windows: { timeZone: 'UTC' } }),
    ...{ approval: { expiresAfter: 7_200, remindBefore: 900 }, waits: true },
    healthCheck: { functionArn: 'f', service: 's', environment: 'e' },
  } as Parameters<typeof workflow>[0]);
  const decided: Record<string, object> = {
    Bake: { next: 'bake', wave: 1, seconds: 60, until: '2026-01-05T10:00:00Z' },
    HealthCheck: { next: 'health', wave: 1 },
    Park: park(),
  };
  const unknown = Object.keys(States).filter((name) => {
    const events = [entered('Report'), gate(decided[name] ?? wave), entered(name)];
    return phaseIn(history(...events)) === null;
  });
  expect(unknown).toEqual([]);
  const passedOver = Object.keys(States).filter((name) => phaseIn(history(entered(name))) === null);
  expect(passedOver.filter((name) => !['Bake', 'HealthCheck', 'Park'].includes(name)).toSorted()).toEqual([
    'AnythingPending',
    'Failed',
    'Gate',
    'StillAsPlanned',
    'Succeeded',
    'Successful',
    'TellOfGlass',
    'WhatNext',
  ]);
});
