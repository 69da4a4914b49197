import type { Migration, Statement } from '../migrations/bundle.ts';

/** A run of statements that is carried out as one: what `lockstep.apply` and `lockstep.begin_step` take. */
export type Segment = {
  id: string;
  position: number;
  /** Id of the migration before it in the bundle; null for the first. */
  previous: string | null;
  name: string;
  checksum: string;
  mode: Migration['mode'];
  /** 0-based index of its first statement, and the number of statements of the whole migration. */
  from: number;
  steps: number;
  statements: string[];
  /** Whether it may leave traces in the session, which are then looked for and undone. */
  touchesSession: boolean;
  lockTimeout: string;
};

/** A part of the work on a database, in order: either one call for many segments, or one statement sent by itself. */
export type Part =
  | { kind: 'transactional'; segments: Segment[] }
  | { kind: 'step'; segment: Segment; statement: Statement };

/**
 * Cuts migrations `from` (0-based) to the last into parts. Neighbouring transactional segments share a part as long as
 * it stays below `limit` bytes of JSON.
 */
export const parts = (
  migrations: Migration[],
  { from, lockTimeout, limit = REQUEST_LIMIT }: { from: number; lockTimeout: string; limit?: number },
): Part[] => {
  const parts: Part[] = [];
  let room = 0;
  for (const [index, migration] of migrations.entries()) {
    if (index < from) continue;
    const common = {
      id: migration.id,
      position: index + 1,
      previous: migrations[index - 1]?.id ?? null,
      name: migration.name,
      checksum: migration.checksum,
      mode: migration.mode,
      steps: migration.up.length,
      lockTimeout,
    };
    for (const { at, run } of runs(migration)) {
      const segment = {
        ...common,
        from: at,
        statements: run.map(({ sql }) => sql),
        touchesSession: run.some(touchesSession),
      };
      if (run[0]?.transactional === false) {
        parts.push({ kind: 'step', segment: { ...segment, statements: [] }, statement: run[0] });
        continue;
      }
      const size = Buffer.byteLength(JSON.stringify(JSON.stringify(segment)));
      const last = parts.at(-1);
      if (last?.kind === 'transactional' && size <= room) last.segments.push(segment);
      else parts.push({ kind: 'transactional', segments: [segment] });
      room = (last === parts.at(-1) ? room : limit) - size;
    }
  }
  return parts;
};

/** A Data API request may hold 4 MiB with everything around it. */
const REQUEST_LIMIT = 3.5 * 1024 * 1024;

/** Statements that may stand in one transaction together; all the others alone. A blank migration is one empty run. */
const runs = ({ up }: Migration): { at: number; run: Statement[] }[] => {
  const runs: { at: number; run: Statement[] }[] = [];
  for (const [at, statement] of up.entries()) {
    const last = runs.at(-1);
    if (statement.transactional && last?.run[0]?.transactional) last.run.push(statement);
    else runs.push({ at, run: [statement] });
  }
  return runs.length > 0 ? runs : [{ at: 0, run: [] }];
};

const touchesSession = ({ kind, sql }: Statement): boolean =>
  ['VariableSetStmt', 'DoStmt', 'CallStmt', 'PrepareStmt'].includes(kind) ||
  /\bset_config\b|\btemp(orary)?\b/i.test(sql);
