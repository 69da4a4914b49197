import * as z from 'zod';
import type { Check } from '../migrations/bundle.ts';
import { ask } from './call.ts';
import { verdictOf } from './data-api-error.ts';
import type { Database, Session } from './session.ts';
import { watched } from './watch.ts';

/** The Data API cuts a call off after 45 s; a call begins no query later than 10 s after its first. */
const ALLOWED = 30_000;

/** So long a call may take, and what was found is still to be written down. */
const NEEDED = 50_000;

const Answer = z.object({
  /** Whether the run that it is asked for had begun already: then nothing was looked at. */
  begun: z.boolean().optional(),
  results: z.array(z.union([z.object({ rows: z.number() }), z.object({ sqlstate: z.string(), message: z.string() })])),
});

/**
 * Runs those of a bundle's checks that are due, and tells in a sentence each that does not hold; how many rows were
 * found, never which ones: they are customers' data. One Data API call where they take less than 10 s together.
 * Each may take `allowed` milliseconds. `unless` is a run: once that has begun here, what must be true before it is not looked at any more.
 */
export const failing = async (
  session: Session,
  database: Database,
  checks: Check[],
  {
    due,
    unless = '',
    allowed = ALLOWED,
    remaining,
  }: { due: 'before' | 'after'; unless?: string; allowed?: number; remaining: () => number },
): Promise<string[]> => {
  const asked = checks.filter(({ when }) => when === due || when === 'both');
  const named = asked.map(({ file, sql }) => ({ name: `${file}#1`, allowed, sql }));
  const told: string[] = [];
  for (let [first, end] = [0, asked.length]; first < asked.length; ) {
    if (remaining() < NEEDED) {
      told.push(...asked.slice(first).map(({ file }) => `${file} was not run: there was no time left`));
      break;
    }
    // A parameter can't be NULL, and no run has an empty name.
    const sql = "SELECT lockstep.verify(CAST(:checks AS jsonb), CAST(:first AS integer), nullif(:unless, ''))";
    const sent = JSON.stringify(named.slice(0, end));
    const call = () => ask(session, database, sql, { checks: sent, first, unless }, remaining);
    try {
      const { begun, results } = Answer.parse(
        await watched(call, session, database, { statementTimeout: allowed, remaining }),
      );
      if (begun) return [];
      for (const [at, result] of results.entries()) told.push(...sentence(asked[first + at]!, result));
      first += Math.max(1, results.length);
      end = asked.length;
    } catch (error) {
      if (verdictOf(error).verdict !== 'running') throw error;
      // Which of several was at work when the call was cut off, nobody has said.
      if (end - first > 1) end = first + 1;
      else {
        told.push(`${asked[first]!.file} takes too long: it has 30 s. Make it look at less, or add an index`);
        first += 1;
        end = asked.length;
      }
    }
  }
  return told;
};

const sentence = ({ file }: Check, result: z.infer<typeof Answer>['results'][number]): string[] => {
  if (!('rows' in result)) {
    const long = result.sqlstate === '57014' ? '. It has 30 s: make it look at less, or add an index' : '';
    return [`${file} can't be run: ${result.message} (SQLSTATE ${result.sqlstate})${long}`];
  }
  if (result.rows === 0) return [];
  return [`${file} finds ${result.rows > 100 ? 'more than 100' : result.rows} row${result.rows === 1 ? '' : 's'}`];
};
