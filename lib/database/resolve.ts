import { failure } from '../failure.ts';
import type { Migration } from '../migrations/bundle.ts';
import type { HistoryEntry } from './history.ts';
import { type Decision, overrule } from './overrule.ts';
import { resolveDoubt } from './resolve-doubt.ts';
import { parts } from './segments.ts';
import type { Database, Session } from './session.ts';

/**
 * What a person says about a migration: that its effect is there, or isn't, or is there up to a statement. Of one that
 * is in doubt it says that about the statement in doubt, and about nothing else.
 */
export type Verdict = {
  as: 'applied' | 'not applied';
  /** With `not applied`: so many of its statements have taken effect, and the next run goes on behind them. */
  done?: number | undefined;
};

/** What a verdict would change; shown before it is carried out. */
export type Change = {
  migration: string;
  verdict: Verdict['as'];
  /** The statement in doubt that it is about, 1-based; null where it is about the whole migration. */
  statement: number | null;
  before: HistoryEntry | null;
  after: Pick<HistoryEntry, 'position' | 'name' | 'checksum' | 'mode' | 'step'> & {
    state: 'applied' | 'reverted' | 'failed' | 'reverting';
    prefix: string | null;
    /** What history says of it where it is to be continued. */
    note: string | null;
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
  const before = history.find((it) => it.migration === migration) ?? null;
  const refuse = (reason: string) => new NothingToResolve({ database, migration, reason });
  const file = migrations[index];
  const evidence = before?.state === 'in doubt' ? before.failure?.evidence : undefined;
  const placeOf = new Map(migrations.map(({ id }, at) => [id, at + 1]));
  return {
    migration,
    verdict: verdict.as,
    statement: evidence?.sent.statement ?? null,
    before,
    after: {
      position: file ? index + 1 : (before?.position ?? 0),
      ...(before && evidence
        ? resolveDoubt(file, before, evidence.sent, verdict, refuse)
        : resolveWhole(migrations, index, before, verdict, refuse)),
    },
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
  { migration, verdict, before, after: { note, ...after } }: Change,
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
    failure: note === null ? null : { statement: null, sqlstate: '', message: note },
    positions: Object.fromEntries(migrations.map(({ id }, at) => [id, at + 1])),
  });

const resolveWhole = (
  migrations: Migration[],
  index: number,
  before: HistoryEntry | null,
  verdict: Verdict,
  refuse: (reason: string) => Error,
): Omit<Change['after'], 'position'> => {
  const file = migrations[index];
  if (verdict.as === 'applied' && !file)
    throw refuse('is not among the files, so that its place and checksum are unknown. Name their folder with --dir.');
  if (verdict.as === 'applied' && before?.state === 'applied' && before.checksum === file?.checksum)
    throw refuse('is applied there already, with this very file.');
  if (verdict.as === 'not applied' && !before) throw refuse('is not in its history: it counts as not applied.');
  if (before?.state === 'reverted' && verdict.as === 'not applied') throw refuse('counts as not applied already.');

  const { name, checksum, mode } = file ?? before!;
  const done = verdict.as === 'applied' ? file!.up.length : (verdict.done ?? 0);
  const continued = verdict.as === 'not applied' && done > 0;
  return {
    ...{ name, checksum, mode, step: done },
    state: verdict.as === 'applied' ? 'applied' : continued ? 'failed' : 'reverted',
    prefix: continued ? prefixAt(migrations, index, done, refuse) : null,
    note: continued ? `to be continued after statement ${done}, as resolved` : null,
  };
};

/** The hash of the statements before a place at which a migration can be resumed. */
const prefixAt = (
  migrations: Migration[],
  index: number,
  done: number,
  refuse: (reason: string) => Error,
): string | null => {
  const pending = index < 0 ? [] : [migrations[index]!.id];
  const found = parts(migrations, { pending, lockTimeout: '', statementTimeout: 0 })
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
