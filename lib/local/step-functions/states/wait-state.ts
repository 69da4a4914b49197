import type { Wait } from '../asl.ts';
import { evaluateAs, evaluationFailed } from '../jsonata/evaluate.ts';
import { compute, leave, type Visit } from '../visit.ts';

export const runWait = async (visit: Visit<Wait>) => {
  const { clock } = visit.thread.engine;
  await clock.sleep(await milliseconds(visit), visit.thread.signal);
  return leave(visit, await compute(visit, visit.state, visit.input), visit.state.Next);
};

/** Longest number of seconds that any field of the language takes. */
export const MOST_SECONDS = 99_999_999;

const SECONDS = {
  is: (value: number) => Number.isInteger(value) && value >= 0 && value <= MOST_SECONDS,
  what: `an integer from 0 to ${MOST_SECONDS}`,
};

const milliseconds = async (visit: Visit<Wait>) => {
  const { Seconds, Timestamp } = visit.state;
  if (Seconds !== undefined)
    return 1000 * (await evaluateAs(visit, 'Seconds', Seconds, 'number', { allowed: SECONDS }));
  const timestamp = await evaluateAs(visit, 'Timestamp', Timestamp!, 'string');
  if (!isTimestamp(timestamp))
    throw evaluationFailed(
      visit,
      'Timestamp',
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${timestamp}`,
    );
  return Math.max(0, Date.parse(timestamp) - visit.thread.engine.clock.now().getTime());
};

/** RFC 3339 with a capital T, and either a capital Z or an offset. */
export const isTimestamp = (text: string) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
