import { isExpected } from '../failure.ts';
import { verdictOf } from './data-api-error.ts';

/** What is to be said of a database that can't be read; null where the error is not about the database. */
export const whyUnreadable = (error: unknown): string | null => {
  if (isExpected(error)) return error.message;
  const it = verdictOf(error);
  // PostgreSQL's own answer: there is no such database, no permission …
  if (it.verdict === 'database') return `can't be read: ${it.message} (SQLSTATE ${it.sqlstate})`;
  return it.verdict === 'running' ? "can't be read within the Data API's 45 seconds" : null;
};
