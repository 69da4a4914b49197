import type { ApprovalRequest, Vote } from '../../ledger/request.ts';
import type { Restored } from '../../ledger/restores.ts';
import { clip, MOST_OF_CAUSE, messageIn } from '../texts.ts';
import type { RestorePlan } from './plan.ts';
import { pointSentence } from './steps.ts';

/** How a restore ended, for people and for programs; kept beside its plan. */
export type RestoreReport = {
  run: string;
  status: 'SUCCEEDED' | 'FAILED';
  failure: { error: string; cause: string } | null;
  /** The run before which everything was to be again. */
  restores: string | null;
  swap: boolean;
  planDigest: string | null;
  approvals: Vote[];
  clusters: {
    cluster: string;
    from: string;
    /** Null where the restore did not come to it. */
    state: Restored['state'] | null;
    restored: string | null;
    kept: string | null;
    databases: number;
    failure: Restored['failure'];
  }[];
};

export const makeRestoreReport = (
  plan: (RestorePlan & { planDigest: string }) | null,
  it: {
    run: string;
    restores: string | null;
    failure: { Error: string; Cause?: string | undefined } | null;
    restored: Restored[];
    request: ApprovalRequest | null;
  },
): RestoreReport => {
  const known = new Map(it.restored.map((one) => [one.cluster, one]));
  const clusters = (plan?.clusters ?? []).map(({ cluster, point, databases }) => ({
    ...{ cluster, from: pointSentence(point), databases: databases.length },
    state: known.get(cluster)?.state ?? null,
    restored: known.get(cluster)?.restored ?? null,
    kept: known.get(cluster)?.kept ?? null,
    failure: known.get(cluster)?.failure ?? null,
  }));
  const failure = explain(it.failure, clusters, plan?.swap ? 'swapped' : 'restored');
  return {
    ...{ run: it.run, status: failure ? 'FAILED' : 'SUCCEEDED', failure, restores: it.restores },
    ...{ swap: plan?.swap ?? false, planDigest: plan?.planDigest ?? null, approvals: it.request?.votes ?? [] },
    clusters,
  };
};

/** A cluster's own failure says more than that not all were restored. */
const explain = (
  failure: { Error: string; Cause?: string | undefined } | null,
  clusters: RestoreReport['clusters'],
  wanted: Restored['state'],
): RestoreReport['failure'] => {
  const broken = clusters.flatMap((it) => (it.failure ? [it.failure] : []));
  if (broken.length > 0) {
    const names = new Set(broken.map(({ error }) => error));
    const cause = broken.map((it) => it.cause).join('\n');
    return { error: names.size === 1 ? [...names][0]! : 'RestoreFailed', cause: clip(cause, MOST_OF_CAUSE) };
  }
  if (failure !== null) return { error: failure.Error, cause: clip(messageIn(failure.Cause ?? ''), MOST_OF_CAUSE) };
  const left = clusters.filter(({ state }) => state !== wanted).map(({ cluster }) => cluster);
  if (left.length === 0) return null;
  return { error: 'RestoreFailed', cause: clip(`The restore did not come to ${left.join(', ')}.`, MOST_OF_CAUSE) };
};

/** What became of it, in a sentence for people. */
export const restoredSentence = ({ clusters, restores, swap }: RestoreReport): string => {
  const done = clusters.filter(({ state }) => state === (swap ? 'swapped' : 'restored'));
  const counted = `${done.length} of ${clusters.length} cluster${clusters.length === 1 ? '' : 's'}`;
  const lines = clusters.map(({ cluster, state, restored, kept }) =>
    state === 'swapped' && kept !== null
      ? `  ${cluster}: the restored one; the old one is ${kept}`
      : `  ${cluster}: ${restored ?? 'nothing'}${state === 'failed' || state === 'working' ? ' (not done)' : ''}`,
  );
  return `${counted} restored to before run ${restores}${swap ? ' and swapped in' : ''}.\n${lines.slice(0, 20).join('\n')}`;
};
