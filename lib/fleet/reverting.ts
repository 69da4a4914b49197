import { remedy } from '../database/doubt.ts';
import type { HistoryEntry } from '../database/history.ts';
import { failure } from '../failure.ts';
import type { Bundle, Migration } from '../migrations/bundle.ts';
import type { Run } from './fleet.ts';
import { UNNAMED } from './pending.ts';

/** A run can't be taken back; nothing was touched. */
export const RevertRefused = failure(
  'RevertRefused',
  (it: { revert: string; reason: string }) => `Run ${it.revert} can't be reverted: ${it.reason}`,
);

/** What taking a run back means for one database. */
export type Reverting = {
  /** Ids of what stands there of the run, newest first. */
  pending: string[];
  /** Ids of what this revert has taken back already, newest first. */
  done: string[];
  problems: string[];
};

export type Row = Pick<HistoryEntry, 'migration' | 'ordinal' | 'checksum' | 'state' | 'step' | 'run'>;

/**
 * Who a database's history says was at work. A revert writes down whose migrations they are, too, so that one that
 * breaks off can be taken up by another; names of runs have no blanks.
 */
export const actorOf = ({ run, revert }: Pick<Run, 'run' | 'revert'>): string =>
  revert === null ? run : `${run} reverting ${revert}`;

/** Finds in a database's history what stands there of a run, and what is in the way of taking it back. */
export const reverting = (
  { migrations }: Bundle,
  history: Row[],
  { run, revert }: { run: string | null; revert: string },
): Reverting => {
  const files = new Map(migrations.map((it) => [it.id, it]));
  const newestFirst = history.toSorted((a, b) => b.ordinal - a.ordinal);
  const own = newestFirst.filter((row) => row.run === revert || row.run.endsWith(` reverting ${revert}`));
  const standing = own.filter(({ state }) => state === 'applied' || state === 'reverting');
  const others = newestFirst.filter((row) => !own.includes(row) && hasEffect(row));
  const onTop = others.filter((row) => standing.some((mine) => row.ordinal > mine.ordinal));
  const problems = [
    ...newestFirst.filter(({ state }) => state === 'in doubt').map(inDoubt),
    ...own.flatMap((row) => contradiction(row, files.get(row.migration), revert)),
    ...onTop.map(
      ({ migration, run }) =>
        `${migration} (run ${run}) stands there on top of what run ${revert} applied. Take back the newest first.`,
    ),
  ];
  const ids = (rows: Row[]) => rows.map(({ migration }) => migration);
  const mine = run === null ? null : actorOf({ run, revert });
  return {
    pending: ids(standing),
    done: ids(own.filter((row) => row.state === 'reverted' && row.run === mine)),
    problems,
  };
};

/** What keeps migrations from ever being taken back, in any database. */
export const withoutDown = ({ migrations }: Bundle, ids: ReadonlySet<string>, revert: string): string[] =>
  migrations
    .filter(({ id, down }) => ids.has(id) && down === null)
    .map(({ file }) => `${file} has no down file, so run ${revert} can't be reverted.`);

const hasEffect = (row: Row): boolean => row.state === 'applied' || row.state === 'reverting' || isHalfDone(row);

const isHalfDone = ({ state, step }: Row): boolean => state === 'running' || (state === 'failed' && step > 0);

const inDoubt = ({ migration }: Row): string => `${migration} is in doubt. ${remedy(...UNNAMED, migration)}`;

const contradiction = (row: Row, file: Migration | undefined, revert: string): string[] => {
  const { migration, state, step, checksum } = row;
  const name = file?.file ?? migration;
  if (isHalfDone(row)) {
    return [
      `${name} got half-way there (${step} of its statements done). Let a run finish it, or settle it with lockstep resolve, and then take it back.`,
    ];
  }
  if (state !== 'applied' && state !== 'reverting') return [];
  if (!file) return [`${migration} is not in the bundle of run ${revert}.`];
  return file.checksum === checksum
    ? []
    : [`${name} stands there with another content than in the bundle of run ${revert}.`];
};
