import { standingVotes, type Vote } from '../ledger/request.ts';
import type { Attestation } from '../policy/promotion/statements.ts';
import type { Run } from './fleet.ts';
import type { Report } from './report.ts';

/** Whose word it is, and of which run. */
type Attesting = Pick<Attestation, 'service' | 'environment' | 'account'> & {
  run: Pick<Run, 'token' | 'startedAt' | 'requestedBy'>;
  endedAt: Date;
  /** What was said of the bundle before. */
  before: Attestation | undefined;
  /** That is what lies where the next environment looks, and nothing over it. */
  lies: boolean;
  pace: Attestation['pace'];
};

/**
 * What an environment says of a bundle after a run; null where the run changed nothing and showed nothing: it was
 * refused, nobody approved it, or all that it could say has been said. A run of the bundle that failed takes back that it
 * had succeeded, as does one that takes a run of it back, however far that came.
 */
export const attestationOf = (report: Report, it: Attesting): Attestation | null => {
  const { digest, failure, databases } = report;
  if (digest === null || report.planDigest === null) return null;
  const touched = databases.some(({ verdict }) => verdict !== null && verdict !== 'skipped');
  const standing =
    report.revert !== null ? 'reverted' : failure === null ? ('succeeded' as const) : ('failed' as const);
  if (standing === 'reverted' && !touched) return null;
  if (standing === 'failed' && !touched && failure?.error !== 'FingerprintsDiffer') return null;
  const fingerprints = new Set(databases.map(({ fingerprint }) => fingerprint));
  const [fingerprint = null] = fingerprints;
  const { service, environment, account, run, before } = it;
  const endedAt = it.endedAt.toISOString();
  // What stood there already, and stands there still, has not begun anew.
  const stood = standing === 'succeeded' && !touched && before?.standing === 'succeeded' && before.wholeFleet;
  const said: Attestation = {
    ...{ kind: 'attestation', version: 1, service, environment, account, digest, standing },
    ...{ run: report.run, plan: report.planDigest, token: run.token },
    because: because(report, standing),
    wholeFleet:
      report.unfit.length === 0 && databases.length > 0 && databases.every(({ pending }) => pending.length === 0),
    databases: databases.length,
    verdicts: counts(databases.map(({ verdict }) => verdict ?? 'unchanged')),
    fingerprint: fingerprints.size === 1 ? fingerprint : null,
    ...{ startedAt: run.startedAt, endedAt, since: stood ? before.since : endedAt },
    requestedBy: run.requestedBy,
    approvedBy: approversIn(report.approvals),
    milliseconds: stood ? before.milliseconds : databases.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    migrations: stood ? before.migrations : report.migrations,
    pace: stood ? before.pace : it.pace,
  };
  return stood && it.lies && isSame(said, before) ? null : said;
};

/** Runs that find nothing to do, day after day, don't each add a version. */
const isSame = (said: Attestation, before: Attestation): boolean =>
  said.wholeFleet && said.databases === before.databases && said.fingerprint === before.fingerprint;

/** What takes back what was said of a bundle. */
export type TakingBack = Pick<
  Attestation,
  'run' | 'plan' | 'token' | 'standing' | 'because' | 'startedAt' | 'endedAt' | 'requestedBy' | 'approvedBy'
>;

/** The same of other bundles as of one. */
export const takingBack = (said: Attestation): TakingBack => {
  const { run, plan, token, standing, because, startedAt, endedAt, requestedBy, approvedBy } = said;
  return { run, plan, token, standing, because, startedAt, endedAt, requestedBy, approvedBy };
};

/** What is said of a bundle once it may not stand any more; how its databases are, nobody has looked. */
export const takenBack = (before: Attestation, it: TakingBack): Attestation => ({
  ...before,
  ...it,
  ...{ wholeFleet: false, verdicts: {}, fingerprint: null },
});

/** What a restore says of bundles that came after the state which was restored. */
export const restoredAway = (
  it: Omit<TakingBack, 'plan' | 'standing' | 'because'> & { restores: string },
): TakingBack => {
  const { restores, ...by } = it;
  const because = `${it.run} has restored databases to the state before ${restores}`;
  return { ...by, plan: null, standing: 'restored', because };
};

/** Those whose approval stands. */
export const approversIn = (votes: Vote[]): string[] =>
  standingVotes({ votes }).flatMap(({ decision, by }) => (decision === 'approved' ? [by] : []));

const because = ({ run, failure, revert }: Report, standing: Attestation['standing']): string | null => {
  if (standing === 'reverted') return `${run} took back what ${revert} had applied`;
  return standing === 'failed' ? `run ${run} failed: ${failure?.error}` : null;
};

const counts = (words: string[]): Record<string, number> => {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
};
