import { failure } from '../failure.ts';
import type { Migration } from '../migrations/bundle.ts';
import type { HistoryEntry } from './history.ts';
import { type Decision, overrule } from './overrule.ts';
import { parts } from './segments.ts';
import type { Database, Session } from './session.ts';

/** What a person says about a migration: that its effect is there, or isn't, or is there up to a statement. */
export type Verdict = {
  as: 'applied' | 'not applied';
  /** With `not applied`: so many of its statements have taken effect, and the next run goes on behind them. */
  done?: number | undefined;
};

/** What a verdict would change; shown before it is carried out. */
export type Change = {
  migration: string;
  verdict: Verdict['as'];
  before: HistoryEntry | null;
  after: Pick<HistoryEntry, 'position' | 'name' | 'checksum' | 'mode' | 'step'> & {
    state: 'applied' | 'reverted' | 'failed';
    prefix: string | null;
  };
  /** Other migrations whose rows are brought to their places in the bundle. */
  moved: string[];
};

export const NothingToResolve = failure(
  'NothingToResolve',
  (it: { database: string; migration: string; reason: string }) => `${it.database}: ${it.migration} ${it.reason}`,
);

/** Works out what a verdict about a migration means in a database with this history. @throws NothingToResolve */
export const changeOf = (
  database: string,
  migration: string,
  migrations: Migration[],
  history: HistoryEntry[],
  verdict: Verdict,
): Change => {
  const index = migrations.findIndex(({ id }) => id === migration);
  const file = migrations[index];
  const before = history.find((it) => it.migration === migration) ?? null;
  const refuse = (reason: string) => new NothingToResolve({ database, migration, reason });

  if (verdict.as === 'applied' && !file)
    throw refuse('is not among the files, so that its place and checksum are unknown. Name their folder with --dir.');
  if (verdict.as === 'applied' && before?.state === 'applied' && before.checksum === file?.checksum)
    throw refuse('is applied there already, with this very file.');
  if (verdict.as === 'not applied' && !before) throw refuse('is not in its history: it counts as not applied.');
  if (before?.state === 'reverted' && verdict.as === 'not applied') throw refuse('counts as not applied already.');

  const { position, name, checksum, mode } = file ? { ...file, position: index + 1 } : before!;
  const done = verdict.as === 'applied' ? file!.up.length : (verdict.done ?? 0);
  const prefix = verdict.as === 'not applied' && done > 0 ? prefixAt(migrations, index, done, refuse) : null;
  const state = verdict.as === 'applied' ? 'applied' : done > 0 ? 'failed' : 'reverted';
  const placeOf = new Map(migrations.map(({ id }, at) => [id, at + 1]));
  return {
    migration,
    verdict: verdict.as,
    before,
    after: { position, name, checksum, mode, step: done, state, prefix },
    moved: history
      .filter((it) => it.migration !== migration && placeOf.has(it.migration))
      .filter((it) => placeOf.get(it.migration) !== it.position)
      .map((it) => it.migration),
  };
};

/** Carries a change out, if the database is still as it was shown. @throws DatabaseBusy, ChangedMeanwhile */
export const resolve = (
  session: Session,
  database: Database,
  { migration, verdict, before, after }: Change,
  migrations: Migration[],
  decision: Decision,
): Promise<void> =>
  overrule(session, database, 'resolve', {
    ...decision,
    ...after,
    migration,
    verdict,
    run: `resolve by ${decision.requestedBy}`,
    seen: before?.version ?? null,
    failure:
      after.state === 'failed'
        ? { statement: null, sqlstate: '', message: `to be continued after statement ${after.step}, as resolved` }
        : null,
    positions: Object.fromEntries(migrations.map(({ id }, at) => [id, at + 1])),
  });

/** The hash of the statements before a place at which a migration can be resumed. */
const prefixAt = (
  migrations: Migration[],
  index: number,
  done: number,
  refuse: (reason: string) => Error,
): string | null => {
  const own = index < 0 ? [] : migrations.slice(0, index + 1);
  const found = parts(own, { from: index, lockTimeout: '', statementTimeout: 0 })
    .flatMap((part) => (part.kind === 'step' ? [part.segment] : part.segments))
    .map(({ from, prefix }) => ({ from, prefix }));
  const segment = found.find(({ from }) => from === done);
  if (segment) return segment.prefix;
  const places = found.map(({ from }) => from).filter((from) => from > 0);
  throw refuse(
    places.length > 0
      ? `can be continued after statement ${places.join(', ')}, not after ${done}.`
      : 'is applied as a whole or not at all: there is no statement to continue after.',
  );
};
