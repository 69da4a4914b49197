import * as z from 'zod';
import { failure } from '../../failure.ts';
import { ask, databaseError, patiently } from '../call.ts';
import type { Database, Session } from '../session.ts';
import { contents } from '../sql/resolution.ts';
import type { Listing, Row, Tool } from './tool.ts';

/** What a tool's table says, and the table as it was read: nothing is marked once it has changed. */
export type Reading = Listing & { table: string; digest: string };

/** A database does not have the table that the named tool would have. */
export const NoSuchTable = failure(
  'NoSuchTable',
  (it: { database: string; table: string; reason: string }) => `${it.database}: ${it.table} ${it.reason}`,
);

/** Reads a tool's own table in a database; changes nothing. @throws NoSuchTable */
export const readTable = async (
  session: Session,
  database: Database,
  tool: Tool,
  name: string = tool.table,
): Promise<Reading> => {
  const table = await find(session, database, tool, name);
  const digest = z
    .string()
    .parse(await ask(session, database, `SELECT to_json(${contents})::text FROM ${table} t`, {}));
  const rows: Row[] = [];
  for (;;) {
    const page = await pageAfter(session, database, table, tool, rows.length);
    rows.push(...page);
    if (page.length < PAGE) break;
  }
  const listing = tool.read(rows);
  const locked = tool.lock && (await held(session, database, tool.lock));
  const problems = locked
    ? [`${tool.lock!.table} is locked: the tool is at work, or died at it and its lock has to be released`]
    : [];
  return { ...listing, problems: [...problems, ...listing.problems], table, digest };
};

/** The table's name with its schema, quoted, if its columns are the tool's. */
const find = async (session: Session, database: Database, tool: Tool, name: string): Promise<string> => {
  const refuse = (reason: string) => new NoSuchTable({ database: database.database, table: name, reason });
  const found = Found.parse(
    await ask(session, database, lookUp, { name }).catch((error) => {
      const { message } = databaseError(error) ?? {};
      if (message === undefined) throw error;
      throw refuse(`can't be looked up: ${message}`);
    }),
  );
  if (found === null) throw refuse('is not there. Name the table with --table, with its schema if need be.');
  const missing = tool.columns.find((column) => !found.columns.includes(column));
  if (missing) throw refuse(`has no column ${missing}: it is another tool's table.`);
  const foreign = tool.foreign?.find((column) => found.columns.includes(column));
  if (foreign) throw refuse(`has a column ${foreign}: it is another tool's table.`);
  return found.name;
};

const Found = z.object({ name: z.string(), columns: z.array(z.string()) }).nullable();

const lookUp = `SELECT json_build_object('name', format('%I.%I', n.nspname, c.relname),
    'columns', (SELECT json_agg(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(CAST(:name AS text))`;

const PAGE = 500;

/** A record for each row: a record may hold 64 KB. */
const pageAfter = async (
  session: Session,
  database: Database,
  table: string,
  { columns, order }: Tool,
  after: number,
): Promise<Row[]> => {
  const sql = `SELECT row_to_json(r)::text FROM (SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order} LIMIT ${PAGE} OFFSET :after) r`;
  const { records } = await patiently(() => session.execute(database, sql, { after }), database);
  return records.map(([field]) => JSON.parse(field?.stringValue ?? '{}'));
};

/** Tools that never ran have no such table. */
const held = async (session: Session, database: Database, { table, held }: NonNullable<Tool['lock']>) => {
  const sql = `SELECT coalesce(bool_or(${held}), false)::text FROM ${table}`;
  const answer = await ask(session, database, sql, {}).catch((error) => {
    if (databaseError(error)?.sqlstate === '42P01') return false;
    throw error;
  });
  return answer === true;
};
