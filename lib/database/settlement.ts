import * as z from 'zod';
import type { Settlement, Statement } from '../migrations/bundle.ts';
import { ask, patiently } from './call.ts';
import type { Database, Session } from './session.ts';

export const IndexState = z.object({ oid: z.number(), valid: z.boolean() }).nullable();

/** The index that a statement is about, as it stood at some time; null where there was none. */
export type IndexState = z.infer<typeof IndexState>;

/** What a query needs to find the index that settles a statement; it finds none where no index does. */
export const indexParameters = (settles: Settlement | undefined) => ({
  schema: (settles?.by !== 'repeating' && settles?.schema) || '',
  index: settles?.by === undefined || settles.by === 'repeating' ? '' : settles.index,
});

/** SQL of one value: the index of {@link indexParameters}. Existence proves nothing: a failed build leaves an invalid one. */
export const indexState = `(SELECT jsonb_build_object('oid', c.oid::bigint, 'valid', x.indisvalid) FROM pg_index x
  JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = :index AND CASE WHEN :schema = '' THEN pg_table_is_visible(c.oid) ELSE n.nspname = :schema END)`;

/**
 * Whether a statement whose call was lost took effect, by what the catalog shows now and what it showed before:
 * an index that stood there already proves nothing.
 */
export const probe = async (
  session: Session,
  database: Database,
  { settles }: Statement,
  before: IndexState,
  remaining: () => number,
): Promise<{ verdict: 'done' | 'not done' | 'in doubt'; now: IndexState }> => {
  if (settles === undefined) return { verdict: 'in doubt', now: null };
  if (settles.by === 'repeating') return { verdict: 'not done', now: null };
  const now = await lookUp(session, database, settles, remaining);
  const done =
    settles.by === 'index absent' ? before !== null && now === null : now?.valid === true && now.oid !== before?.oid;
  return { verdict: done ? 'done' : 'not done', now };
};

/**
 * A failed `CREATE INDEX CONCURRENTLY` leaves an invalid index, which the next try would trip over.
 *
 * What drops it says so as its statement does: dropped late, after the next try, it would take that one's index along,
 * so that nobody tries as long as it is at work.
 */
export const clearAway = async (
  session: Session,
  database: Database,
  { segment: { mark }, statement: { kind, settles } }: { segment: { mark: string }; statement: Statement },
  before: IndexState,
  remaining: () => number,
): Promise<void> => {
  if (kind === 'ReindexStmt') {
    for (const left of z.array(z.string()).parse(await ask(session, database, leftByReindex, {}, remaining))) {
      const drop = `/* ${mark} */ DROP INDEX CONCURRENTLY IF EXISTS ${left}`;
      await patiently(() => session.execute(database, drop), database, remaining);
    }
  }
  if (settles?.by !== 'index present') return;
  const now = await lookUp(session, database, settles, remaining);
  if (now === null || now.valid || now.oid === before?.oid) return;
  const name = [settles.schema, settles.index].filter((part) => part !== null).map(identifier);
  const drop = `/* ${mark} */ DROP INDEX CONCURRENTLY IF EXISTS ${name.join('.')}`;
  await patiently(() => session.execute(database, drop), database, remaining);
};

/**
 * Indexes that a `REINDEX … CONCURRENTLY` cut short leaves behind, to be dropped as PostgreSQL's page on it says; not
 * those of tables on which one is at work. https://www.postgresql.org/docs/18/sql-reindex.html
 */
const leftByReindex = `SELECT coalesce(json_agg(format('%I.%I', n.nspname, c.relname)), '[]')::text
  FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT x.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND NOT EXISTS (
    SELECT FROM pg_stat_progress_create_index p WHERE p.relid = x.indrelid AND p.datid = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

const lookUp = async (session: Session, database: Database, settles: Settlement, remaining: () => number) => {
  const state = await ask(session, database, `SELECT ${indexState}::text`, indexParameters(settles), remaining);
  return IndexState.parse(state);
};

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
