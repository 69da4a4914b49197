import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';

/** What a run is doing. */
export type Phase =
  | { phase: 'planning' | 'converging' | 'reporting' }
  /** It was started by itself, and waits for what its path still asks for. */
  | { phase: 'arriving'; missing: string[] }
  /** It asks for approval; `waits` once people have been asked. */
  | { phase: 'asking'; waits: boolean }
  | Working
  | { phase: 'baking'; wave: number; until: string }
  | { phase: 'checking'; wave: number }
  /** `hold` tells after which wave and why; not there where that was too long ago. */
  | { phase: 'held'; waits: boolean; hold?: z.infer<typeof Holding>['hold'] }
  /** It rests until the window of a wave opens; `waits` once that is written down, `again` if the wave was begun. */
  | { phase: 'parked'; wave: number; again: boolean; until: string; waits: boolean };

/** `wave` is null where a state machine other than Lockstep's own does not say which. */
export type Working = { phase: 'wave'; wave: number | null; again: boolean; since: string; mapRun: string | null };

/**
 * Tells, each time that it is called, what an execution is doing. Its newest events say so, whatever the size of the
 * fleet: what is done to clusters stands in the histories of the map's own executions. A look at an execution in which
 * nothing has happened is one call for one event without its data.
 */
export const phaseReader = (sfn: Pick<SFNClient, 'send'>, executionArn: string): (() => Promise<Phase>) => {
  let known: Phase = { phase: 'planning' };
  let seen: number | undefined;
  return async () => {
    const newest = { executionArn, reverseOrder: true };
    const { events: [last] = [] } = await sfn.send(
      new GetExecutionHistoryCommand({ ...newest, maxResults: 1, includeExecutionData: false }),
    );
    if (!last || last.id === seen) return known;
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ ...newest, maxResults: ENOUGH }));
    seen = events[0]?.id;
    known = phaseIn(events) ?? known;
    return known;
  };
};

/** As many as a state leaves behind that is tried again as often as it may be, and those that led to it. */
const ENOUGH = 60;

/** Out of the newest events, the newest first; null where they begin after all that a run is ever at. */
export const phaseIn = (events: HistoryEvent[]): Phase | null => {
  // Where it is decided what comes next, a run is still at what it was.
  const entered = events.find(
    ({ type, stateEnteredEventDetails: it }) => type?.endsWith('StateEntered') && !BETWEEN.has(it?.name ?? ''),
  );
  const before = events.filter(({ id = 0 }) => id < (entered?.id ?? 0));
  const waits = events[0]?.type === 'TaskSubmitted';
  switch (entered?.stateEnteredEventDetails?.name) {
    case 'Admit':
      // It looks every quarter of an hour whether it may.
      return stateBefore(before) === 'WaitForPromotion' ? arriving(events) : { phase: 'planning' };
    case 'Lint':
    case 'Discover':
    case 'InspectFleet':
    case 'Measure':
    case 'Plan':
      return { phase: 'planning' };
    case 'WaitForPromotion':
      return arriving(events);
    case 'RequestApproval':
      return { phase: 'asking', waits };
    case 'Wave':
      return working(events, before, entered);
    case 'Bake': {
      const { wave, until } = decided(before, Baking) ?? {};
      return wave === undefined || until === undefined ? null : { phase: 'baking', wave, until };
    }
    case 'HealthCheck': {
      const { wave } = decided(before, Checking) ?? {};
      return wave === undefined ? null : { phase: 'checking', wave };
    }
    case 'Hold': {
      const { hold } = decided(before, Holding) ?? {};
      return { phase: 'held', waits, ...(hold ? { hold } : {}) };
    }
    case 'Park': {
      const { park, answer } = decided(before, Parking) ?? {};
      return park === undefined
        ? null
        : { phase: 'parked', wave: park.wave, again: answer != null, until: park.until, waits };
    }
    case 'Converge':
      return { phase: 'converging' };
    case 'Report':
      return { phase: 'reporting' };
    default:
      return null;
  }
};

const stateBefore = (events: HistoryEvent[]): string | undefined =>
  events.find(({ type }) => type?.endsWith('StateEntered'))?.stateEnteredEventDetails?.name;

/** What Admit has said was missing when it looked last. */
const arriving = (events: HistoryEvent[]): Phase => {
  const { cause = '' } =
    events.find(({ taskFailedEventDetails: it }) => it?.error === 'NotPromotedYet')?.taskFailedEventDetails ?? {};
  const [, ...missing] = messageIn(cause).split(/\n- /);
  return { phase: 'arriving', missing };
};

const messageIn = (cause: string): string => {
  try {
    return Thrown.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return '';
  }
};

/** What Lambda tells of what a function has thrown. */
const Thrown = z.object({ errorMessage: z.string() });

const BETWEEN = new Set([
  ...['AnythingPending', 'Gate', 'WhatNext', 'StillAsPlanned', 'TellOfGlass', 'Successful', 'Succeeded', 'Failed'],
]);

const working = (events: HistoryEvent[], before: HistoryEvent[], entered: HistoryEvent): Working => {
  const step = decided(before, Beginning);
  const started = events.find(({ mapRunStartedEventDetails, mapRunRedrivenEventDetails }) =>
    Boolean(mapRunStartedEventDetails ?? mapRunRedrivenEventDetails),
  );
  const isThisOne = (started?.id ?? 0) > (entered.id ?? 0);
  return {
    phase: 'wave',
    wave: step?.wave.wave ?? null,
    again: step?.again ?? false,
    since: (entered.timestamp ?? new Date(0)).toISOString(),
    mapRun: isThisOne
      ? (started?.mapRunStartedEventDetails?.mapRunArn ?? started?.mapRunRedrivenEventDetails?.mapRunArn ?? null)
      : null,
  };
};

/** What Gate had said last, if it is that; see `Step` in lib/fleet/gate.ts. */
const decided = <Step extends z.ZodType>(events: HistoryEvent[], step: Step): z.infer<Step> | null => {
  const gate = events.find(({ stateExitedEventDetails: it }) => it?.name === 'Gate')?.stateExitedEventDetails;
  try {
    return step.safeParse(JSON.parse(gate?.assignedVariables?.gate ?? 'null')).data ?? null;
  } catch {
    return null;
  }
};

const Beginning = z.object({ next: z.literal('wave'), wave: z.object({ wave: z.number() }), again: z.boolean() });
const Baking = z.object({ next: z.literal('bake'), wave: z.number(), until: z.string() });
const Holding = z.object({
  next: z.literal('hold'),
  hold: z.object({ number: z.number(), wave: z.number(), reason: z.string(), canRevert: z.boolean() }),
});
const Checking = z.object({ next: z.literal('health'), wave: z.number() });
const Parking = z.object({
  next: z.literal('park'),
  park: z.object({ wave: z.number(), until: z.string() }),
  answer: z.object({}).nullable(),
});
