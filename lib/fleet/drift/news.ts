import type { DriftState } from './state.ts';

type Databases = DriftState['databases'];

/** How many databases deviate that did not before, or in another way; and how many do no more. */
export const news = (before: Databases, now: Databases): DriftState['news'] => {
  let fresh = 0;
  let gone = 0;
  for (const [name, it] of Object.entries(now)) {
    const last = before[name];
    const same = last?.finding === it.finding && (it.finding === 'unreadable' || last?.fingerprint === it.fingerprint);
    if (it.finding !== null && !same) fresh += 1;
    if (it.finding === null && last && last.finding !== null) gone += 1;
  }
  return { fresh, gone };
};
