import { createHash } from 'node:crypto';
import type { Migration } from '../../migrations/bundle.ts';
import { type HistoryEntry, readHistory } from '../history.ts';
import { type Decision, overrule } from '../overrule.ts';
import type { Database, Session } from '../session.ts';
import type { ByHand } from './by-hand.ts';
import { type Files, type Match, match } from './match.ts';
import { readTable } from './read-table.ts';
import { type ToolName, tools } from './tools.ts';

/** What adopting a database would do: which migrations would be marked as applied, or what speaks against it. */
export type Adoption = Match & {
  /** Those that would be marked; none where the database is adopted already. */
  mark: Migration[];
  /** The tool's table, with its schema. */
  table: string;
  /** Hashes of that table and of our history as they were read. */
  listed: string;
  seen: string;
};

/** Reads what another tool has applied in a database, and holds it against our files and our history. Changes nothing. */
export const planAdoption = async (
  session: Session,
  database: Database,
  { from, table, ...byHand }: { from: ToolName; table?: string | undefined } & ByHand,
  files: Files,
): Promise<Adoption> => {
  const reading = await readTable(session, database, tools[from], table);
  const history = await readHistory(session, database);
  const matched = match(tools[from], reading, files, byHand);
  const { problems, here } = consistent(history, matched.applied, files.migrations);
  return {
    ...matched,
    problems: [...matched.problems.map((problem) => `${from}: ${problem}`), ...problems],
    mark: files.migrations.slice(here, matched.applied),
    table: reading.table,
    listed: reading.digest,
    seen: digestOf(history),
  };
};

/** Marks them in one transaction. @throws DatabaseBusy, ChangedMeanwhile, NewerLockstep */
export const adopt = async (
  session: Session,
  database: Database,
  from: ToolName,
  { mark, table, listed, seen }: Adoption,
  migrations: Migration[],
  decision: Decision,
): Promise<void> => {
  if (mark.length === 0) return;
  await overrule(session, database, 'baseline', {
    ...decision,
    run: `${BASELINE}${from}`,
    table,
    listed,
    seen,
    migrations: mark.map((it) => ({
      id: it.id,
      position: migrations.indexOf(it) + 1,
      name: it.name,
      checksum: it.checksum,
      mode: it.mode,
      step: it.up.length,
    })),
  });
};

const BASELINE = 'baseline ';

/** How many migrations stand in our own history, which must be the bundle's beginning and not go against the tool's. */
const consistent = (
  history: HistoryEntry[],
  applied: number,
  migrations: Migration[],
): { here: number; problems: string[] } => {
  const problems: string[] = [];
  for (const [at, { migration, state, checksum }] of history.entries()) {
    const ours = migrations[at];
    if (state !== 'applied') problems.push(`Lockstep has ${migration} there as ${state}`);
    else if (ours?.id !== migration)
      problems.push(`Lockstep has ${migration} there, which is not the file in its place`);
    else if (ours.checksum !== checksum) problems.push(`Lockstep has ${migration} there with another content`);
  }
  const own = history.find(({ run }) => !run.startsWith(BASELINE));
  if (own && history.length < applied)
    problems.push(
      `Lockstep is at work there already (${own.migration} by ${own.run}), and the other tool lists more than it: two tools are at it`,
    );
  return { here: history.length, problems };
};

/** As `lockstep.baseline` makes it. */
const digestOf = (history: HistoryEntry[]): string =>
  createHash('md5')
    .update(
      history
        .toSorted((a, b) => Buffer.compare(Buffer.from(a.migration), Buffer.from(b.migration)))
        .map(({ version }) => version)
        .join(''),
    )
    .digest('hex');
