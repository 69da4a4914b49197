import type { HistoryEntry, Resolution } from '../database/history.ts';
import { failure } from '../failure.ts';
import { runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import { approvalsOf } from './run-approvals.ts';
import type { Environment } from './target.ts';

/** Something that became of a migration in a database, and on whose word. */
export type Change = {
  service: string;
  environment: string;
  cluster: string;
  database: string;
  migration: string;
  /** Null where a person has settled it by hand, or adopted it from another tool. */
  name: string | null;
  /** What became of it; `settled` and `adopted` is what people did without a run. */
  became: HistoryEntry['state'] | 'settled' | 'adopted';
  at: string;
  milliseconds: number | null;
  run: string | null;
  /** Who started the run, or did it by hand; null where the ledger does not tell. */
  startedBy: string | null;
  /** Whose approval counted; empty where nobody was asked. */
  approvedBy: string[];
  reason: string | null;
};

/** Which changes are asked for; all of it has to be true of a change. */
export type Wanted = { migration?: string; person?: string; since?: Date };

/** A point in time that nobody can make out. */
export const SinceUnreadable = failure(
  'SinceUnreadable',
  (it: { since: string }) =>
    `--since ${it.since} is no time. Write a day (2026-11-01), a time (2026-11-01T08:00:00Z), or how long ago (12h, 7d).`,
);

/** `7d` and `12h` are that long ago; anything else is a day or a time in ISO 8601, UTC. @throws SinceUnreadable */
export const sinceOf = (since: string, now: Date): Date => {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(since) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (unit === 'd' ? 24 : 1) * 3_600_000);
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(since) ? new Date(since) : new Date(Number.NaN);
  if (Number.isNaN(at.getTime())) throw new SinceUnreadable({ since });
  return at;
};

/** What a database remembers, as changes; who stood behind each run is not in there yet. */
export const changesIn = (
  where: Pick<Change, 'service' | 'environment' | 'cluster' | 'database'>,
  history: HistoryEntry[],
  resolutions: Resolution[],
): Change[] => [
  ...history.map(
    (it): Change => ({
      ...where,
      ...{ migration: it.migration, name: it.name, became: it.state, at: it.finishedAt ?? it.startedAt },
      ...{ milliseconds: it.milliseconds, run: it.run, startedBy: null, approvedBy: [] },
      reason: it.failure?.message ?? null,
    }),
  ),
  ...resolutions.map(
    (it): Change => ({
      ...where,
      ...{ migration: it.migration, name: null, became: it.verdict === 'baseline' ? 'adopted' : 'settled' },
      ...{ at: it.resolvedAt, milliseconds: null, run: null, startedBy: it.requestedBy, approvedBy: [] },
      reason: it.reason,
    }),
  ),
];

/** What is left of changes, oldest first. A person is found by a part of the name, in any case. */
export const among = (changes: Change[], { migration, person, since }: Wanted): Change[] => {
  const part = person?.toLowerCase();
  const isOf = (it: Change) =>
    [it.startedBy ?? '', ...it.approvedBy].some((name) => name.toLowerCase().includes(part!));
  return changes
    .filter((it) => migration === undefined || it.migration === migration || it.name === migration)
    .filter((it) => part === undefined || isOf(it))
    .filter((it) => since === undefined || new Date(it.at) >= since)
    .toSorted((a, b) => a.at.localeCompare(b.at) || a.migration.localeCompare(b.migration));
};

/**
 * Adds who started each run and who approved it; two reads of the ledger for each run. Where the caller may not read
 * the ledger, `ledger` is false and nobody is named.
 */
export const withPeople = async (
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  { pipeline }: Pick<Environment, 'pipeline'>,
  changes: Change[],
): Promise<{ changes: Change[]; ledger: boolean }> => {
  const runs = [...new Set(changes.flatMap(({ run }) => run ?? []))];
  const approvals = await approvalsOf({ dynamodb }, pipeline, runs);
  if (approvals === null) return { changes, ledger: false };
  const table = { client: dynamodb, name: pipeline.ledger };
  const people = new Map<string, Pick<Change, 'startedBy' | 'approvedBy'>>();
  for (const run of runs) {
    const found = approvals.find((it) => it.run === run);
    const votes = found?.votes.filter((it) => it.decision === 'approved' && !it.withdrawnAt) ?? [];
    const startedBy = found?.starter ?? (await runRecord(table, run))?.requestedBy ?? null;
    people.set(run, { startedBy, approvedBy: [...new Set(votes.map(({ by }) => by))] });
  }
  return { changes: changes.map((it) => ({ ...it, ...(it.run === null ? {} : people.get(it.run)) })), ledger: true };
};
