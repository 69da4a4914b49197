import { failure } from '../failure.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { Differences } from './differences.ts';
import { inWords } from './differences-in-words.ts';
import type { Plan } from './plan.ts';

/** The databases of one environment do not all have the same schema. */
export const FingerprintsDiffer = failure('FingerprintsDiffer', (it: Differences) => inWords(it));

/** Where the databases of a fleet have ended. */
export type Ended = {
  /** Those that the run had nothing to do in, or brought to its end, by schema; the largest group first. */
  groups: { fingerprint: string; databases: string[] }[];
  /** Those that it did not get through: what they lack is its failure and no drift. */
  unfinished: { database: string; verdict: Unfinished }[];
};

export type Unfinished = Exclude<Verdict['verdict'], 'applied' | 'reverted'>;

/** Sorts out a fleet's databases at the end of a run. */
export const ended = (plan: Plan, verdicts: Verdict[]): Ended => {
  const said = new Map(verdicts.map((it) => [`${it.cluster}/${it.database}`, it]));
  const groups = new Map<string, string[]>();
  const unfinished: Ended['unfinished'] = [];
  for (const { cluster, database, pending, fingerprint: before } of plan.databases) {
    const name = `${cluster}/${database}`;
    const last = said.get(name);
    const verdict = last?.verdict ?? (pending.length > 0 ? 'skipped' : 'applied');
    if (verdict !== 'applied' && verdict !== 'reverted') {
      unfinished.push({ database: name, verdict });
      continue;
    }
    const fingerprint = last?.fingerprint ?? before;
    const alike = groups.get(fingerprint);
    if (alike) alike.push(name);
    else groups.set(fingerprint, [name]);
  }
  return {
    groups: [...groups]
      .map(([fingerprint, databases]) => ({ fingerprint, databases }))
      .toSorted((a, b) => b.databases.length - a.databases.length),
    unfinished,
  };
};
