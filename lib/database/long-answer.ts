import { patiently } from './call.ts';
import type { Database, Session } from './session.ts';

/**
 * The one JSON value that a `SELECT` with common table expressions answers, however long: as many rows of the Data
 * API's, which may end at 64 KiB, as it takes. A whole answer ends at 1 MiB. Harmless to repeat, and repeated.
 *
 * @param expressions what goes after `WITH`
 * @param answer a `SELECT` of one text over them
 */
export const askAtLength = async (
  session: Session,
  database: Database,
  { expressions, answer }: { expressions: string; answer: string },
  parameters: Record<string, string | number>,
  remaining?: () => number,
): Promise<unknown> => {
  const sql = `WITH ${expressions},
  answer (text) AS MATERIALIZED (${answer})
SELECT substr(text, piece * ${CHARACTERS} + 1, ${CHARACTERS}) FROM answer, generate_series(0, length(text) / ${CHARACTERS}) piece ORDER BY piece`;
  const { records } = await patiently(() => session.execute(database, sql, parameters), database, remaining);
  return JSON.parse(records.map(([piece]) => piece?.stringValue ?? '').join('') || 'null');
};

/** A character takes up to four bytes. */
const CHARACTERS = 16_000;
