import type { HistoryRow } from '../database/inspect.ts';
import type { Migration } from '../migrations/bundle.ts';

/** What was read in one database; `problem` where nothing could be. */
export type Reading = { cluster: string; database: string } & (
  | { history: HistoryRow[]; fingerprint: string }
  | { problem: string }
);

/** An environment with what was read there; what its pipeline says of the way to it. */
export type EnvironmentReading = {
  environment: string;
  databases: Reading[];
  /** All environments that come before it. */
  after?: string[] | undefined;
  production?: boolean | undefined;
};

/** Where a database stands. */
export type DatabaseStatus = {
  cluster: string;
  database: string;
  /** The applied migration that comes last; null where nothing is applied. */
  version: string | null;
  /** Number of migrations applied. */
  applied: number;
  /** Migrations that it lacks, in order. */
  behind: string[];
  /** Migrations that it has, and that no file is there for; empty where no files were given to compare with. */
  ahead: string[];
  /** Applied migrations whose file is another one now, or that are not what most other databases have. */
  edited: string[];
  failed: string[];
  inDoubt: string[];
  /** Half-way in or half-way out. */
  unfinished: string[];
  /** Has the migrations that most others of its environment have, and yet another schema than they. */
  drifted: boolean;
  fingerprint: string | null;
  /** Why nothing is known of it. */
  problem: string | null;
};

/** A migration across environments. */
export type MigrationStatus = {
  migration: string;
  /** Null where no file tells. */
  name: string | null;
  /** For each environment the number of databases that have it, in the order of {@link Status.environments}. */
  applied: number[];
};

/** A migration that a later environment has in some database, and an earlier one in none. */
export type Hotfix = { migration: string; in: string[]; missingIn: string[] };

export type Status = {
  environments: { environment: string; databases: DatabaseStatus[] }[];
  /** In order, oldest first. */
  migrations: MigrationStatus[];
  hotfixes: Hotfix[];
};

/** A migration that is known, by a file or by some database's history. */
type Known = { id: string; name: string | null; checksum: string };

/**
 * Compares databases with the files of a folder, and environments with each other. Environments come in the order in
 * which a migration reaches them. Without files, what any database has is what all should have.
 */
export const statusOf = (
  readings: EnvironmentReading[],
  files: Pick<Migration, 'id' | 'name' | 'checksum'>[] | null,
): Status => {
  const known = knownOf(readings, files);
  const environments = readings.map(({ environment, databases }) => ({
    environment,
    databases: drifting(databases.map((it) => databaseStatus(it, known, files !== null))),
  }));
  const migrations = known.all.map(({ id, name }) => ({
    migration: id,
    name,
    applied: readings.map(({ databases }) => databases.filter((it) => has(it, id)).length),
  }));
  return { environments, migrations, hotfixes: hotfixesOf(readings, migrations) };
};

/** Whether nothing is there that a person has to look at; being behind is nothing of that kind. */
export const isSound = ({ environments, hotfixes }: Status): boolean =>
  hotfixes.length === 0 && environments.every(({ databases }) => databases.every((it) => wrongs(it).length === 0));

/** What is wrong with a database, in a few words each. */
export const wrongs = (it: DatabaseStatus): string[] => [
  ...(it.problem === null ? [] : [`can't be read: ${it.problem}`]),
  ...(it.ahead.length > 0 ? [`has ${listed(it.ahead)}, which is in no file`] : []),
  ...(it.edited.length > 0 ? [`${listed(it.edited)} edited`] : []),
  ...(it.failed.length > 0 ? [`${listed(it.failed)} failed`] : []),
  ...(it.inDoubt.length > 0 ? [`${listed(it.inDoubt)} in doubt`] : []),
  ...(it.unfinished.length > 0 ? [`${listed(it.unfinished)} unfinished`] : []),
  ...(it.drifted ? ['drifted'] : []),
];

const listed = (ids: string[]): string =>
  ids.length > 3 ? `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more` : ids.join(', ');

/** All migrations in order: those with files first where there are files, then what only databases know. */
const knownOf = (readings: EnvironmentReading[], files: Omit<Known, 'name'>[] | null) => {
  const rows = readings.flatMap(({ databases }) => databases.flatMap((it) => ('history' in it ? appliedIn(it) : [])));
  const ofFiles = new Set((files ?? []).map(({ id }) => id));
  const others = new Map<string, { position: number; checksums: Map<string, number> }>();
  for (const { migration, position, checksum } of rows.filter((it) => !ofFiles.has(it.migration))) {
    const found = others.get(migration) ?? { position, checksums: new Map() };
    found.position = Math.min(found.position, position);
    found.checksums.set(checksum, (found.checksums.get(checksum) ?? 0) + 1);
    others.set(migration, found);
  }
  const strangers = [...others]
    .toSorted(([a, left], [b, right]) => left.position - right.position || (a < b ? -1 : 1))
    .map(([id, { checksums }]): Known => ({ id, name: null, checksum: mostOf(checksums) }));
  const all: Known[] = [...((files ?? []) as Known[]), ...strangers];
  return { all, ofFiles, byId: new Map(all.map((it) => [it.id, it])) };
};

/** The key that counts most; the smallest of equals, so that it is always the same one. */
const mostOf = (counts: Map<string, number>): string =>
  [...counts].toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))[0]![0];

const appliedIn = ({ history }: { history: HistoryRow[] }): HistoryRow[] =>
  history.filter(({ state }) => state === 'applied');

const has = (it: Reading, id: string): boolean =>
  'history' in it && it.history.some(({ migration, state }) => migration === id && state === 'applied');

const databaseStatus = (
  it: Reading,
  { all, ofFiles, byId }: ReturnType<typeof knownOf>,
  withFiles: boolean,
): DatabaseStatus => {
  const { cluster, database } = it;
  const rows = 'history' in it ? it.history : [];
  const inState = (...states: HistoryRow['state'][]) =>
    rows.filter(({ state }) => states.includes(state)).map(({ migration }) => migration);
  const applied = inState('applied');
  const have = new Set(applied);
  const expected = withFiles ? all.filter(({ id }) => ofFiles.has(id)) : all;
  const edited = rows.filter(
    ({ migration, state, checksum }) => state === 'applied' && byId.get(migration)?.checksum !== checksum,
  );
  return {
    ...{ cluster, database },
    version: all.findLast(({ id }) => have.has(id))?.id ?? null,
    applied: applied.length,
    behind: 'problem' in it ? [] : expected.filter(({ id }) => !have.has(id)).map(({ id }) => id),
    ahead: withFiles ? applied.filter((id) => !ofFiles.has(id)) : [],
    edited: edited.map(({ migration }) => migration),
    failed: inState('failed'),
    inDoubt: inState('in doubt'),
    unfinished: inState('running', 'reverting'),
    drifted: false,
    fingerprint: 'fingerprint' in it ? it.fingerprint : null,
    problem: 'problem' in it ? it.problem : null,
  };
};

/** Marks those whose schema is not the one that most with the same migrations have. */
const drifting = (databases: DatabaseStatus[]): DatabaseStatus[] => {
  const groups = new Map<string, Map<string, number>>();
  // A migration that stands half-way explains another schema by itself.
  const keyOf = (it: DatabaseStatus) => JSON.stringify([it.version, it.applied, it.behind, it.ahead, it.edited]);
  const compared = ({ fingerprint, unfinished, failed, inDoubt }: DatabaseStatus): boolean =>
    fingerprint !== null && unfinished.length + failed.length + inDoubt.length === 0;
  for (const it of databases.filter(compared)) {
    const counts = groups.get(keyOf(it)) ?? new Map<string, number>();
    groups.set(keyOf(it), counts.set(it.fingerprint!, (counts.get(it.fingerprint!) ?? 0) + 1));
  }
  return databases.map((it) => {
    const counts = compared(it) ? groups.get(keyOf(it))! : new Map<string, number>();
    const own = counts.get(it.fingerprint ?? '') ?? 0;
    // Of two schemas that are equally frequent, nobody can tell which is the right one.
    const usual = [...counts].every(([other, count]) => other === it.fingerprint || count < own);
    return { ...it, drifted: !usual };
  });
};

const hotfixesOf = (readings: EnvironmentReading[], migrations: MigrationStatus[]): Hotfix[] =>
  migrations.flatMap(({ migration, applied }) => {
    const last = applied.findLastIndex((count) => count > 0);
    const environments = readings.map(({ environment }) => environment);
    // Nothing is missing where nothing could be read.
    const lacking = (at: number) => applied[at] === 0 && readings[at]!.databases.some((it) => 'history' in it);
    const missingIn = environments.filter((_, at) => at < last && lacking(at));
    if (missingIn.length === 0) return [];
    return [{ migration, in: environments.filter((_, at) => applied[at]! > 0), missingIn }];
  });
