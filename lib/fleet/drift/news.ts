import type { DriftState } from './state.ts';

/** How many databases deviate that did not before, or in another way; and how many do no more. */
export const news = (before: DriftState | null, now: DriftState): { fresh: number; gone: number } => {
  let fresh = 0;
  let gone = 0;
  for (const [name, it] of Object.entries(now.databases)) {
    const last = before?.databases[name];
    const same = last?.finding === it.finding && (it.finding === 'unreadable' || last?.fingerprint === it.fingerprint);
    if (it.finding !== null && !same) fresh += 1;
    if (it.finding === null && last && last.finding !== null) gone += 1;
  }
  return { fresh, gone };
};
