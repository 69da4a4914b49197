import { remedy } from '../database/doubt.ts';
import { type HoldRecord, holdRecords } from '../ledger/hold-record.ts';
import type { ApprovalRequest, Vote } from '../ledger/request.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { Differences } from './differences.ts';
import { inWords } from './differences-in-words.ts';
import { inSentences, type PlannedDrift } from './drift/planned.ts';
import type { Plan } from './plan.ts';
import { clip, MOST_OF_CAUSE, messageIn } from './texts.ts';

/** How a run ended, for people and for programs; kept beside its plan. */
export type Report = {
  run: string;
  status: 'SUCCEEDED' | 'FAILED';
  failure: { error: string; cause: string } | null;
  digest: string | null;
  /** The run that was to be taken back. */
  revert: string | null;
  /** The run that takes this one back by itself, since it was halted. */
  revertedBy: string | null;
  planDigest: string | null;
  /** All that was said by those who approve, withdrawn or not, and what came of it; null where nobody was asked. */
  approvals: Vote[];
  approval: { outcome: string; requestedBy: string; starter: string | null; quorum: number } | null;
  /** Each time that its rollout was held, the first one first. */
  holds: HoldRecord[];
  databases: {
    cluster: string;
    database: string;
    /** Null where the run had nothing to do there. */
    verdict: Verdict['verdict'] | null;
    /** Migrations that this run brought in, that it took back, and that it should have and didn't. */
    applied: string[];
    reverted: string[];
    pending: string[];
    failed: Verdict['failure'];
    /** What to do about it, where only a person can. */
    remedy: string | null;
    snapshot: string | null;
    fingerprint: string | null;
    milliseconds: number;
    /** Of all steps together; a plan, what it takes to apply, and verification. */
    dataApiCalls: number;
  }[];
  /** How long each migration that it brought in took where that was longest, the slowest first; of thousands the first. */
  migrations: { id: string; milliseconds: number }[];
  /** Clusters that could not be worked on and were left out. */
  unfit: { cluster: string; problems: string[] }[];
  /** How the databases differ, and which were not compared; null where all came to one schema, or nobody looked. */
  differences: Differences | null;
  /** What was changed in the fleet without a migration before the run, in sentences. */
  drift: string[];
  /** Of all databases, and of the steps that looked at the fleet as a whole. */
  dataApiCalls: number;
};

export const makeReport = (
  plan: (Plan & { planDigest: string; dataApiCalls: Record<string, number>; drift?: PlannedDrift[] }) | null,
  it: {
    run: string;
    failure: { Error: string; Cause?: string | undefined } | null;
    verdicts: Verdict[];
    request: ApprovalRequest | null;
    holds?: ApprovalRequest[];
    revertedBy?: string | null;
    differences?: Differences | null;
    /** Of steps that looked at the fleet as a whole. */
    dataApiCalls?: number;
  },
): Report => {
  const verdicts = new Map(it.verdicts.map((verdict) => [nameOf(verdict), verdict]));
  const databases = (plan?.databases ?? []).map(({ cluster, database, pending, fingerprint }) => {
    const verdict = verdicts.get(nameOf({ cluster, database }));
    const { applied = [], reverted = [] } = verdict ?? {};
    const done = new Set([...applied, ...reverted]);
    return {
      cluster,
      database,
      verdict: verdict?.verdict ?? (pending.length > 0 ? 'skipped' : null),
      applied,
      reverted,
      pending: pending.filter((id) => !done.has(id)),
      failed: verdict?.failure ?? null,
      remedy: verdict ? remedyOf(verdict, plan?.environment ?? '') : null,
      snapshot: verdict?.snapshot ?? null,
      fingerprint: verdict ? verdict.fingerprint : fingerprint,
      milliseconds: verdict?.milliseconds ?? 0,
      dataApiCalls: (plan?.dataApiCalls[nameOf({ cluster, database })] ?? 0) + (verdict?.dataApiCalls ?? 0),
    };
  });
  const { differences = null } = it;
  const failure = explain(it.failure, it.verdicts, plan?.environment ?? '', differences);
  return {
    run: it.run,
    status: failure ? 'FAILED' : 'SUCCEEDED',
    failure,
    digest: plan?.digest ?? null,
    revert: plan?.revert ?? null,
    revertedBy: it.revertedBy ?? null,
    planDigest: plan?.planDigest ?? null,
    approvals: it.request?.votes ?? [],
    approval: approvalOf(it.request),
    holds: holdRecords(it.holds ?? []),
    databases,
    migrations: slowest(it.verdicts),
    unfit: plan?.unfit ?? [],
    differences,
    drift: inSentences(plan?.drift ?? []),
    dataApiCalls: [it, differences, ...databases].reduce((sum, some) => sum + (some?.dataApiCalls ?? 0), 0),
  };
};

const nameOf = ({ cluster, database }: { cluster: string; database: string }): string => `${cluster}/${database}`;

const remedyOf = ({ verdict, failure, ...where }: Verdict, environment: string): string | null =>
  verdict === 'in doubt' ? remedy(environment, nameOf(where), failure?.migration ?? 'MIGRATION') : null;

const approvalOf = (request: ApprovalRequest | null): Report['approval'] =>
  request && {
    outcome: request.outcome?.decision ?? 'none',
    requestedBy: request.requestedBy,
    starter: request.starter,
    quorum: request.quorum,
  };

const MOST_MIGRATIONS = 1_000;

const slowest = (verdicts: Verdict[]): Report['migrations'] => {
  const longest = new Map<string, number>();
  for (const { applied, timings = [] } of verdicts) {
    for (const [at, id] of applied.entries()) {
      const milliseconds = timings[at];
      if (milliseconds != null) longest.set(id, Math.max(milliseconds, longest.get(id) ?? 0));
    }
  }
  return [...longest]
    .map(([id, milliseconds]) => ({ id, milliseconds }))
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, MOST_MIGRATIONS);
};

/** A database's own failure says more than that a map's threshold was passed. */
const explain = (
  failure: { Error: string; Cause?: string | undefined } | null,
  verdicts: Verdict[],
  environment: string,
  differences: Differences | null,
): Report['failure'] => {
  const broken = verdicts.filter((verdict) => verdict.failure !== null);
  if (broken.length > 0) {
    const sentences = broken.map((it) => [sentence(it), remedyOf(it, environment)].filter(Boolean).join('. '));
    const halt = failure && HALTS.has(failure.Error) ? [`Halted: ${failure.Cause}.`] : [];
    // What those differ in that did not fail is another matter, which failures, however many, don't hide.
    const drift = differences !== null && differences.schemas > 1 ? `\n${inWords(differences)}` : '';
    return {
      error: errorOf(broken),
      cause: clip([...halt, ...sentences].join('\n'), MOST_OF_CAUSE - drift.length) + drift,
    };
  }
  if (failure === null) return null;
  return { error: failure.Error, cause: clip(messageIn(failure.Cause ?? ''), MOST_OF_CAUSE) };
};

/** What Gate says of a rollout that goes no further. */
const HALTS = new Set(['RolloutHalted', 'Abandoned', 'OutsideWindow']);

/** What broke a step, if it is the same everywhere and not a statement. */
const errorOf = (broken: Verdict[]): string => {
  // The one that a person has to look at comes first.
  if (broken.some(({ verdict }) => verdict === 'in doubt')) return 'InDoubt';
  const names = new Set(
    broken.map(({ failure }) => (failure?.sqlstate ? '' : (/^([A-Z]\w+): /.exec(failure?.message ?? '')?.[1] ?? ''))),
  );
  const [name = ''] = names;
  return names.size === 1 && name !== '' ? name : 'MigrationFailed';
};

const sentence = ({ cluster, database, failure }: Verdict): string => {
  const place = failure?.file ? `${failure.file}${failure.line === null ? '' : `:${failure.line}`}: ` : '';
  const statement = failure?.statement ? `statement ${failure.statement}: ` : '';
  const state = failure?.sqlstate ? ` (SQLSTATE ${failure.sqlstate})` : '';
  return `${cluster}/${database}: ${place}${statement}${failure?.message}${state}`;
};
