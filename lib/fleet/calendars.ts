import { GetCalendarStateCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { failure } from '../failure.ts';
import { alwaysOpen, type Calendar } from '../policy/windows/find-opening.ts';

/** Nobody knows whether changes may be made, so none are. */
export const CalendarUnreadable = failure(
  'CalendarUnreadable',
  (it: { calendar: string; reason: string }) =>
    `The SSM change calendar ${it.calendar} can't be read (${it.reason}). Nothing is changed while nobody knows whether it is open: make it, share it with this account, or take it out of the pipeline's windows.`,
);

/** All of some SSM change calendars as one, which is open while each of them is. */
export const calendarOf = (client: Pick<SSMClient, 'send'>, names: string[]): Calendar => {
  if (names.length === 0) return alwaysOpen;
  return async (at) => {
    // One by one: of several at once AWS does not say when they will all be open.
    const states = await Promise.all(names.map((name) => stateOf(client, name, at)));
    const closed = states.filter(({ open }) => !open);
    if (closed.length === 0) return { open: true, until: earliest(states.map(({ until }) => until)) };
    return { open: false, until: latest(closed.map(({ until }) => until)) };
  };
};

const stateOf = async (client: Pick<SSMClient, 'send'>, name: string, at: number): ReturnType<Calendar> => {
  const AtTime = `${new Date(at).toISOString().slice(0, 19)}Z`;
  const command = new GetCalendarStateCommand({ CalendarNames: [name], AtTime });
  const { State, NextTransitionTime } = await client.send(command).catch((cause: Error) => {
    if (!UNREADABLE.includes(cause.name)) throw cause;
    throw new CalendarUnreadable({ calendar: name, reason: `${cause.name}: ${cause.message}` }, { cause });
  });
  const until = NextTransitionTime === undefined ? Number.NaN : Date.parse(NextTransitionTime);
  // Whatever is not said to be open is closed.
  return { open: State === 'OPEN', until: Number.isNaN(until) ? null : until };
};

const UNREADABLE = ['InvalidDocument', 'InvalidDocumentType', 'UnsupportedCalendarException', 'AccessDeniedException'];

const earliest = (times: (number | null)[]): number | null => {
  const known = times.filter((it) => it !== null);
  return known.length > 0 ? Math.min(...known) : null;
};

/** One that never opens keeps all of them closed for ever. */
const latest = (times: (number | null)[]): number | null =>
  times.includes(null) ? null : Math.max(...(times as number[]));
