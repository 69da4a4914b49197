import * as z from 'zod';
import { ask } from './call.ts';
import type { Database, Session } from './session.ts';

/** The migrations that a run has applied in a database, in the order of application, as history has them: whatever became of its calls. */
export const appliedBy = async (
  session: Session,
  database: Database,
  run: string,
  remaining: () => number,
): Promise<string[]> => {
  const sql = `SELECT coalesce(json_agg(migration ORDER BY ordinal), '[]')::text FROM lockstep.history WHERE run = :run AND state = 'applied'`;
  return z.array(z.string()).parse(await ask(session, database, sql, { run }, remaining));
};
