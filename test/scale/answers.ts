import { createHash } from 'node:crypto';
import type { Segment } from '../../lib/database/segments.ts';

/** What the stand-in keeps of one database. */
export type Memory = { installed: boolean; fence: number; fenceRun: string; rows: readonly Row[] };

type Row = Readonly<{
  migration: string;
  name: string;
  position: number;
  /** Number of its statements. */
  step: number;
  checksum: string;
  run: string;
  milliseconds: number;
}>;

/** Columns by name and PostgreSQL's number of their type; none where a statement yields no rows. */
export type Answer = { columns?: [name: string, typeId: number][]; rows?: (string | null)[][]; tag: string };

/** PostgreSQL's refusal of a statement. */
export class Refused extends Error {
  readonly sqlstate: string;
  constructor(sqlstate: string, message: string) {
    super(message);
    this.sqlstate = sqlstate;
  }
}

const TEXT = 25;
const JSONB = 3802;

/** Answers a statement of Lockstep's as PostgreSQL does; knows no other. `stand-in.test.ts` compares the two. */
export const answer = (memory: Memory, user: string, sql: string, parameters: (string | null)[]): Answer => {
  if (/^(ROLLBACK|DISCARD ALL|BEGIN|COMMIT)$/.test(sql)) return { tag: sql };
  if (sql.startsWith('DO ') && sql.includes('CREATE SCHEMA IF NOT EXISTS lockstep')) {
    memory.installed = true;
    return { tag: 'DO' };
  }
  if (sql.startsWith('CALL lockstep.run('))
    return { columns: [['outcomes', JSONB]], rows: [[run(memory, parameters)]], tag: 'CALL' };
  if (sql.includes("'objects', (SELECT")) {
    const objects = memory.rows.map(({ migration, checksum }) => ({
      ...{ object: `table public.made_by_${migration}`, parent: 'schema public', hash: checksum, text: '' },
    }));
    const page = JSON.stringify({ fingerprint: fingerprint(memory.rows), objects, more: false });
    return { columns: [['substr', TEXT]], rows: [[page]], tag: 'SELECT 1' };
  }
  if (sql.includes(`'server_version_num'`)) {
    return { columns: [['substr', TEXT]], rows: [[inspection(memory)]], tag: 'SELECT 1' };
  }
  if (sql.includes('FROM lockstep.history h')) return history(memory, user, parameters);
  throw new Refused('0A000', `the stand-in database does not know the statement: ${sql.slice(0, 200)}`);
};

const inspection = ({ installed, rows }: Memory): string =>
  JSON.stringify({
    server: 170_009,
    installed,
    history: rows.map(({ migration, position, checksum, step, milliseconds }, at) => [
      ...[migration, position, checksum, 'applied', step, null, at + 1, Math.round(milliseconds)],
    ]),
    fingerprint: fingerprint(rows),
    invalidIndexes: [],
    notValidated: [],
  });

/** Databases with the same migrations have the same schema. */
const fingerprint = (rows: readonly Row[]): string =>
  createHash('sha256')
    .update(rows.map(({ migration, checksum }) => `${migration} ${checksum}`).join('\n'))
    .digest('hex');

/** As the procedure does, of migrations that are brought in one after another without anything in their way. */
const run = (memory: Memory, [segments = '[]', forRun = '', token = '0']: (string | null)[]): string => {
  if (!memory.installed) throw new Refused('3F000', 'schema "lockstep" does not exist');
  const [run, number] = [forRun ?? '', Number(token)];
  let done = '';
  let milliseconds = 0;
  let stop: object | null = null;
  for (const segment of JSON.parse(segments ?? '[]') as Segment[]) {
    if (number < memory.fence) {
      stop = { migration: segment.id, outcome: 'fenced', by: memory.fenceRun };
      break;
    }
    if (segment.direction !== 'up' || segment.mode !== 'transactional')
      throw new Refused('0A000', 'the stand-in database only brings in what is transactional');
    Object.assign(memory, { fence: number, fenceRun: shared(run) });
    const known = memory.rows.find(({ migration }) => migration === segment.id);
    if (known && known.checksum !== segment.checksum) {
      stop = { migration: segment.id, outcome: 'edited' };
      break;
    }
    const taken = known?.milliseconds ?? STATEMENT_MILLISECONDS * segment.statements.length;
    done += known === undefined ? 'a' : known.run === run ? 'm' : 'o';
    if (known === undefined || known.run === run) milliseconds += taken;
    if (known === undefined) {
      const { id, name, position, checksum, steps } = segment;
      const row = { migration: id, name, position, step: steps, checksum, run, milliseconds: taken };
      memory.rows = shared([...memory.rows, row]);
    }
  }
  return JSON.stringify({ done, stop, milliseconds });
};

/** What thousands of databases remember alike, held once. */
export const shared = <Value extends string | readonly Row[]>(value: Value): Value => {
  const key = JSON.stringify(value);
  if (!held.has(key)) held.set(key, value);
  return held.get(key) as Value;
};

const held = new Map<string, string | readonly Row[]>();

/** Of the sample's migrations on real PostgreSQL. */
export const STATEMENT_MILLISECONDS = 4;

const history = ({ installed, rows }: Memory, user: string, [after = '0']: (string | null)[]): Answer => {
  if (!installed) throw new Refused('42P01', 'relation "lockstep.history" does not exist');
  const at = new Date(0).toISOString();
  const shown = rows.slice(Number(after)).map((row, index) => [
    JSON.stringify({
      ...row,
      ...{ mode: 'transactional', state: 'applied', prefix: null },
      ...{ ordinal: Number(after) + index + 1, timings: [row.milliseconds], failure: null, appliedBy: user },
      ...{ startedAt: at, finishedAt: at, version: fingerprint([row]) },
    }),
  ]);
  return { columns: [['doc', TEXT]], rows: shown, tag: `SELECT ${shown.length}` };
};
