import { inspect } from '../../lib/database/inspect.ts';
import { session } from '../../lib/database/session.ts';
import { rewritten } from './caller.ts';
import { type Comparable, columnHashes, comparable, contentOf } from './content.ts';
import { type Executor, engine, finish } from './drive.ts';
import type { Arena, Ground } from './ground.ts';
import type { History } from './history.ts';
import { type Findings, nothingFound } from './tally.ts';
import { type Client, through } from './transport.ts';

/** How a database looks when nothing went wrong. */
export type Reference = {
  fingerprint: string;
  invalidIndexes: string[];
  tables: Comparable;
  content: Record<string, string>;
};

/**
 * Applies a history undisturbed, twice: the second time with every sequence moved on before each migration, as failed
 * attempts move them on, so that values taken from sequences and clocks are not compared later.
 * @param walk what is done undisturbed; the whole history, up, when left out
 * @throws Error when the history can't be applied
 */
export const referenceOf = async (
  ground: Ground,
  history: History,
  walk: (arena: Arena) => Promise<string | null> = (arena) => finish(arena, history, engine),
): Promise<Reference> => {
  const [one, other] = [await ground.arena(), await ground.arena()];
  try {
    for (const arena of [one, { ...other, direct: advancing(other.direct) }]) {
      const complaint = await walk(arena);
      if (complaint) throw new Error(`${history.name} can't be applied even undisturbed: ${complaint}`);
    }
    const tables = comparable(await columnHashes(one), await columnHashes(other));
    return await stateOf(one, tables);
  } finally {
    await Promise.all([one.drop(), other.drop()]);
  }
};

export const stateOf = async (arena: Arena, tables: Comparable): Promise<Reference> => {
  const { fingerprint, invalidIndexes } = await inspect(session(arena.direct), arena.database);
  return { fingerprint, invalidIndexes, tables, content: await contentOf(arena, tables) };
};

const advancing = (inner: Client): Client =>
  through(inner, (command, send) =>
    send(
      rewritten(command, (segment) => {
        const [first, ...rest] = segment.statements;
        return first === undefined ? segment : { ...segment, statements: [`${ADVANCE}; ${first}`, ...rest] };
      }) ?? command,
    ),
  );

const ADVANCE = `SELECT pg_catalog.nextval(c.oid::pg_catalog.regclass) FROM pg_catalog.pg_class c
  WHERE c.relkind = 'S' AND c.relnamespace <> 'pg_catalog'::regnamespace`;

/** Compares a database that has been brought to the end of these migrations with what it should be. */
export const examine = async (
  arena: Arena,
  history: Pick<History, 'migrations'>,
  reference: Reference,
  executor: Executor,
  complaints: string[] = [],
): Promise<Findings> => {
  const found = nothingFound();
  found.complaints.push(...complaints);
  found.double += complaints.filter((it) => DONE_ALREADY.test(it)).length;
  const applied = new Set(await executor.applied(arena, history));
  const missing = history.migrations.filter(({ id }) => !applied.has(id));
  found.lost += missing.length;
  if (missing.length > 0) found.complaints.push(`history lacks ${missing.map(({ id }) => id).join(', ')}`);
  compare(found, await stateOf(arena, reference.tables), reference);
  return found;
};

/** Already there, there twice: what a statement says that was carried out before. */
const DONE_ALREADY = /\b(42P07|42701|42710|42P06|42723|42P16|23505)\b/;

/** Compares what stands in a database with what should. */
export const compare = (found: Findings, now: Reference, then: Reference): void => {
  const invalid = now.invalidIndexes.filter((it) => !then.invalidIndexes.includes(it));
  found.invalidIndexes += invalid.length;
  if (invalid.length > 0) found.complaints.push(`invalid: ${invalid.join(', ')}`);
  if (now.fingerprint !== then.fingerprint) {
    found.identical = false;
    found.complaints.push('the schema is not that of the undisturbed run');
  }
  for (const [table, content] of Object.entries(then.content)) {
    const rows = Number.parseInt(now.content[table] ?? '-1', 10);
    if (now.content[table] === content) continue;
    if (rows < Number.parseInt(content, 10)) found.lost += 1;
    else found.double += 1;
    found.complaints.push(`${table} holds ${now.content[table] ?? 'nothing'} instead of ${content} (rows, hash)`);
  }
};
