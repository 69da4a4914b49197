import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Clock } from '../clock.ts';
import { runtimeError } from './state-error.ts';

/** An event as GetExecutionHistory gives it, with its one detail member under AWS's name. */
export type HistoryEvent = {
  timestamp: number;
  type: HistoryEventType;
  id: number;
  previousEventId: number;
  [details: `${string}EventDetails`]: Record<string, unknown>;
};

export type History = {
  events: HistoryEvent[];
  /** Adds an event and returns its id. Fails with States.Runtime when no place is left; once closed, does nothing. */
  append(type: HistoryEventType, details: Record<string, unknown> | undefined, previous: number): number;
  /** Adds the event that ends the execution; what its threads still report afterwards is dropped. */
  close(type: HistoryEventType, details: Record<string, unknown>, previous: number): void;
  /** Takes events again, after the one that ended it. */
  reopen(): void;
};

/** Most events of an execution; the last place is the ending's (a hard quota). */
export const EVENT_LIMIT = 25_000;

export const history = (clock: Clock): History => {
  const events: HistoryEvent[] = [];
  let closed = false;
  const add = (type: HistoryEventType, details: Record<string, unknown> | undefined, previous: number) => {
    const id = events.length + 1;
    events.push({
      timestamp: clock.now().getTime() / 1000,
      type,
      id,
      previousEventId: previous,
      ...(details && { [detailsName(type)]: withDataDetails(details) }),
    });
    return id;
  };
  return {
    events,
    append(type, details, previous) {
      if (closed) return previous;
      if (events.length >= EVENT_LIMIT - 1)
        throw runtimeError(`The execution reached the maximum number of history events (${EVENT_LIMIT}).`);
      return add(type, details, previous);
    },
    close(type, details, previous) {
      if (closed) return;
      closed = true;
      add(type, details, previous);
    },
    reopen() {
      closed = false;
    },
  };
};

const detailsName = (type: HistoryEventType): `${string}EventDetails` => {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type[0]!.toLowerCase()}${type.slice(1)}EventDetails`;
};

/** Beside its data AWS says of every event whether they were cut, which they never are here. */
const withDataDetails = (details: Record<string, unknown>) => ({
  ...details,
  ...('input' in details && { inputDetails: { truncated: false } }),
  ...('output' in details && { outputDetails: { truncated: false } }),
  ...('assignedVariables' in details && { assignedVariablesDetails: { truncated: false } }),
});

/** The event as asked for with `includeExecutionData: false`. */
export const withoutData = (event: HistoryEvent): HistoryEvent =>
  Object.fromEntries(
    Object.entries(event).map(([key, value]) => {
      if (typeof value !== 'object') return [key, value];
      return [key, Object.fromEntries(Object.entries(value).filter(([name]) => !DATA.includes(name)))];
    }),
  ) as HistoryEvent;

const DATA = ['input', 'inputDetails', 'output', 'outputDetails', 'assignedVariables', 'assignedVariablesDetails'];
