import * as z from 'zod';
import type { Work } from './apply.ts';
import { ask, databaseError, patiently } from './call.ts';
import { verdictOf } from './data-api-error.ts';
import { HistoryConflict } from './failures.ts';
import { type Carried, carried, Outcome } from './outcome.ts';
import { install } from './schema.ts';
import type { Segment } from './segments.ts';
import type { Database, Session } from './session.ts';
import { watched } from './watch.ts';

/** False while somebody is installing. */
export const installed = async (session: Session, database: Database, { remaining }: Work): Promise<boolean> => {
  try {
    await patiently(() => session.execute(database, install()), database, remaining);
    return true;
  } catch (error) {
    if (databaseError(error)?.sqlstate === '55P03' || verdictOf(error).verdict === 'running') return false;
    throw error;
  }
};

/** One call for many segments; whatever became of earlier calls, what is applied is told as such. */
export const runSegments = async (
  session: Session,
  database: Database,
  segments: Segment[],
  work: Work,
): Promise<Carried> => {
  const { run, token, remaining } = work;
  const sql = 'CALL lockstep.run(CAST(:segments AS jsonb), :run, :token, NULL)';
  const parameters = { segments: JSON.stringify(segments), run, token };
  const call = () => ask(session, database, sql, parameters, remaining);
  const stopped = (outcome: 'running' | 'busy') => carried([{ migration: segments[0]!.id, outcome }], run);
  try {
    const { done, milliseconds, stop } = Answer.parse(await watched(call, session, database, work));
    return {
      done: [...done].map((letter, at) => ({ migration: segments[at]!.id, by: BY[letter as keyof typeof BY] })),
      milliseconds,
      stop,
    };
  } catch (error) {
    if (verdictOf(error).verdict === 'running') return stopped('running');
    // Invalid transaction termination: COMMIT is not allowed where the Data API runs us, and nothing has happened.
    const { sqlstate } = databaseError(error) ?? {};
    if (sqlstate === '2D000') return oneByOne(session, database, segments, work);
    // A transaction stricter than read committed found that somebody else has just been at work here.
    if (sqlstate === '40001') return stopped('busy');
    throw error;
  }
};

/** As `lockstep.run` answers: a letter for each segment that is done. */
const Answer = z.object({
  done: z.string().regex(/^[amo]*$/),
  milliseconds: z.number(),
  stop: Outcome.nullable(),
});

const BY = { a: 'this call', m: 'this run', o: 'another run' } as const;

const oneByOne = async (session: Session, database: Database, segments: Segment[], work: Work): Promise<Carried> => {
  const { run, token } = work;
  const sql = 'SELECT lockstep.apply(CAST(:segment AS jsonb), :run, :token)';
  const outcomes: Outcome[] = [];
  for (const segment of segments) {
    if (segment.isolation) {
      const reason = `asks for ${segment.isolation}, which can't be had where COMMIT is refused. Take SET TRANSACTION out.`;
      throw new HistoryConflict({ database: database.database, migration: segment.id, reason });
    }
    const call = () => ask(session, database, sql, { segment: JSON.stringify(segment), run, token }, work.remaining);
    const outcome = await watched(call, session, database, work).then(Outcome.parse, (error): Outcome => {
      if (verdictOf(error).verdict === 'running') return { migration: segment.id, outcome: 'running' };
      throw error;
    });
    outcomes.push(outcome);
    if (outcome.outcome !== 'applied' && outcome.outcome !== 'already applied') break;
  }
  return carried(outcomes, run);
};
