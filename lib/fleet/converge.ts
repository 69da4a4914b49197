import { failure } from '../failure.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { Plan } from './plan.ts';

/** The databases of one environment do not all have the same schema. */
export const FingerprintsDiffer = failure(
  'FingerprintsDiffer',
  (it: { groups: { fingerprint: string; databases: string[] }[] }) =>
    `The fleet has ${it.groups.length} different schemas: ${it.groups
      .slice(0, 20)
      .map(
        ({ fingerprint, databases }) =>
          `${fingerprint.slice(0, 12)} in ${databases.slice(0, 5).join(', ')}${databases.length > 5 ? ` and ${databases.length - 5} more` : ''}`,
      )
      .join('; ')}${it.groups.length > 20 ? '; …' : '.'}`,
);

/** The fleet's databases by fingerprint, the largest group first. */
export const byFingerprint = (plan: Plan, verdicts: Verdict[]): { fingerprint: string; databases: string[] }[] => {
  const verified = new Map(verdicts.map((it) => [`${it.cluster}/${it.database}`, it.fingerprint]));
  const groups = new Map<string, string[]>();
  for (const { cluster, database, fingerprint: before } of plan.databases) {
    const name = `${cluster}/${database}`;
    const fingerprint = verified.get(name) ?? before;
    const alike = groups.get(fingerprint);
    if (alike) alike.push(name);
    else groups.set(fingerprint, [name]);
  }
  return [...groups]
    .map(([fingerprint, databases]) => ({ fingerprint, databases }))
    .toSorted((a, b) => b.databases.length - a.databases.length);
};
