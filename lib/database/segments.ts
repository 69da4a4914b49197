import { createHash } from 'node:crypto';
import type { Migration, Statement } from '../migrations/bundle.ts';

/** A run of statements that is carried out as one: what `lockstep.apply` and `lockstep.begin_step` take. */
export type Segment = {
  id: string;
  direction: 'up' | 'down';
  position: number;
  /** Id of the migration before it in the bundle; null for the first. */
  previous: string | null;
  /** Whether it may be applied though some behind it in the bundle are. */
  outOfOrder: boolean;
  name: string;
  /** Of the up file, whichever the direction: it is what the database has. */
  checksum: string;
  mode: Migration['mode'];
  /** 0-based index of its first statement, and the number of statements of the whole file. */
  from: number;
  steps: number;
  /** Hash of the statements before it, and of those up to its end; null where nothing can be done in part. */
  prefix: string | null;
  prefixAfter: string | null;
  statements: string[];
  /** Whether it may leave traces in the session, which are then looked for and undone. */
  touchesSession: boolean;
  /** PostgreSQL's notation: `5s`. */
  lockTimeout: string;
  /** Milliseconds that each statement may take; 0 for as long as it likes. */
  statementTimeout: number;
  /** Where the transaction is to be more than read committed. */
  isolation: Statement['isolation'] | null;
  /** What is looked at before it commits; left out where it can't touch any rows. */
  integrity?: { rows: boolean; losesRows: string[]; sequences: boolean };
};

/** Which of a migration's effects on rows are refused; see `lockstep.guard`. */
export type Integrity = { rows: boolean; sequences: boolean };

/** A part of the work on a database, in order: either one call for many segments, or one statement sent by itself. */
export type Part =
  | { kind: 'transactional'; segments: Segment[] }
  | { kind: 'step'; segment: Segment; statement: Statement };

export type PartsOptions = {
  /** Ids of the migrations to be carried out, in the order in which that is to happen. */
  pending: string[];
  direction?: Segment['direction'];
  lockTimeout: string;
  statementTimeout: number;
  /** By migration: so many of its statements are done, and it is to be cut behind them. */
  cuts?: Cuts | undefined;
  integrity?: Integrity | undefined;
  /** Bytes of JSON that one call may carry. */
  limit?: number;
};

export type Cuts = Record<string, number>;

/**
 * Cuts the work on those of a bundle's migrations that are pending into parts. Neighbouring transactional segments
 * share a part as long as it stays below the limits.
 */
export const parts = (migrations: Migration[], options: PartsOptions): Part[] => {
  const parts: Part[] = [];
  let room = 0;
  for (const { segment, statements } of segmentsOf(migrations, options)) {
    if (statements[0]?.transactional === false) {
      parts.push({ kind: 'step', segment: { ...segment, statements: [] }, statement: statements[0] });
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(JSON.stringify(segment)));
    const last = parts.at(-1);
    if (last?.kind === 'transactional' && size <= room) {
      last.segments.push(segment);
      room -= size;
    } else {
      parts.push({ kind: 'transactional', segments: [segment] });
      room = (options.limit ?? REQUEST_LIMIT) - size;
    }
  }
  return parts;
};

/**
 * What history keeps in `prefix` once the first `count` statements of a file are done: a file may be mended behind
 * them, not before. Of a migration being taken back, the statements are those of its down file.
 */
export const prefixOf = (statements: Pick<Statement, 'sql'>[], count: number): string =>
  statements.slice(0, count).reduce((prefix, { sql }) => extended(prefix, sql), '');

/**
 * Whether a file may be cut behind so many statements, though its next one shares a transaction with them: not if they
 * set or hold something that ends with their session.
 */
export const mayBeCut = (statements: Statement[], step: number): boolean => {
  const next = statements[step];
  const done = statements.slice(0, step);
  const sharing = done.slice(done.findLastIndex((it) => !it.transactional || it.group !== next?.group) + 1);
  return !next?.transactional || !sharing.some((it) => touchesSession(it) || HOLDING.includes(it.kind));
};

const HOLDING = ['LockStmt', 'ConstraintsSetStmt', 'DeclareCursorStmt'];

/** A Data API request may hold 4 MiB with everything around it. */
const REQUEST_LIMIT = 3.5 * 1024 * 1024;

const segmentsOf = (
  migrations: Migration[],
  { pending, direction = 'up', lockTimeout, statementTimeout, cuts, integrity }: PartsOptions,
) => {
  const indexes = new Map(migrations.map(({ id }, index) => [id, index]));
  return pending.flatMap((id) => {
    const index = indexes.get(id);
    const migration = index === undefined ? undefined : migrations[index];
    if (index === undefined || migration === undefined) throw new Error(`${id} is not in the bundle`);
    const file = direction === 'up' ? { ...migration, statements: migration.up } : migration.down;
    if (file === null) throw new Error(`${migration.id} has no down`);
    const own = file.directives ?? {};
    return runs(file.statements, direction === 'up' ? cuts?.[id] : undefined).map(
      ({ at, run, isolation, prefix, prefixAfter }) => ({
        statements: run,
        segment: {
          id: migration.id,
          direction,
          position: index + 1,
          previous: migrations[index - 1]?.id ?? null,
          outOfOrder: migration.directives?.outOfOrder === true,
          name: migration.name,
          checksum: migration.checksum,
          mode: file.mode,
          from: at,
          steps: file.statements.length,
          prefix,
          prefixAfter,
          statements: run.map(({ sql, wire }) => wire ?? sql),
          touchesSession: run.some(touchesSession),
          lockTimeout: own.lockTimeout === undefined ? lockTimeout : `${own.lockTimeout}ms`,
          // What can't run in a transaction takes the time it needs, and blocks nobody meanwhile.
          statementTimeout: own.statementTimeout ?? (run[0]?.transactional === false ? 0 : statementTimeout),
          isolation: isolation ?? null,
          ...(integrity && direction === 'up' && run.some(touchesRows)
            ? { integrity: { ...integrity, losesRows: own.losesRows ?? [] } }
            : {}),
        },
      }),
    );
  });
};

type Cutting = { at: number; run: Statement[]; isolation: Statement['isolation'] };
type Run = Cutting & { prefix: string | null; prefixAfter: string | null };

/** Statements that may stand in one transaction together; all the others alone. A blank file is one empty run. */
const runs = (statements: Statement[], cut: number | undefined): Run[] => {
  const cuts: Cutting[] = [];
  for (const [at, statement] of statements.entries()) {
    const last = cuts.at(-1);
    const together = statement.transactional && last?.run[0]?.transactional && last.run[0].group === statement.group;
    if (!together) cuts.push({ at, run: [statement], isolation: statement.isolation });
    else if (at === cut) cuts.push({ at, run: [statement], isolation: last.isolation });
    else last.run.push(statement);
  }
  // Nothing is left to do of a file that was mended by taking out all behind what is done; history is to learn that.
  if (cut === statements.length) cuts.push({ at: cut, run: [], isolation: undefined });
  const whole = cuts.length <= 1 && statements[0]?.transactional !== false;
  if (whole) return [{ at: 0, run: statements, isolation: statements[0]?.isolation, prefix: null, prefixAfter: null }];
  let prefix = '';
  return cuts
    .map((it) => {
      const before = prefix;
      for (const { sql } of it.run) prefix = extended(prefix, sql);
      return { ...it, prefix: before, prefixAfter: prefix };
    })
    .filter(({ at }) => at >= (cut ?? 0));
};

const extended = (prefix: string, sql: string): string =>
  createHash('sha256').update(`${prefix}\n${sql}`).digest('hex');

/** By itself, or by a function or a trigger. What drops or truncates a table says so itself. */
const touchesRows = ({ kind }: Statement): boolean =>
  /^(Insert|Update|Delete|Merge|Select|CreateTableAs|Explain|Do|Call|Execute)Stmt$/.test(kind);

const touchesSession = ({ kind, sql }: Statement): boolean => {
  if (['VariableSetStmt', 'DoStmt', 'CallStmt', 'PrepareStmt', 'ListenStmt'].includes(kind)) return true;
  // Most texts have none of these, and to find that out with the pattern alone takes ten times as long.
  const lower = sql.toLowerCase();
  return (
    ['set_config', 'temp', 'advisory_lock'].some((it) => lower.includes(it)) &&
    /\bset_config\b|\btemp(orary)?\b|\bpg_(try_)?advisory_lock/i.test(sql)
  );
};
