import type { Base } from '../../ledger/base.ts';
import { type Deviation, deviations } from './expected.ts';
import { news } from './news.ts';
import type { Finding } from './report.ts';
import type { Seen } from './seen.ts';
import { baseOf, type DriftState } from './state.ts';

/** A finding whose objects nobody has looked into yet. */
export type Bare = Omit<Finding, 'objects' | 'count'> & { level: string | null };

/** Sorts out what was seen in a fleet: what deviates and since when, and what is to be remembered of it. */
export const findings = (
  fleet: Seen[],
  known: { left: Map<string, Base>; state: DriftState | null; atWork: boolean; vouched: Set<string> },
  { check, now }: { check: string; now: string },
): { findings: Bare[]; state: DriftState } => {
  const { left, state, atWork } = known;
  const readable = readableIn(fleet);
  const { deviations: found, bases } = deviations(readable, baseOf(left, state), now, known.vouched);
  const deviating = new Map(found.map((it) => [it.name, it]));
  const usual = atWork ? null : furthest(readable);
  const groups = new Map<string, Bare>();
  const databases: DriftState['databases'] = {};
  const add = (key: string, make: () => Omit<Bare, 'databases'>, database: Finding['databases'][number]) => {
    const group = groups.get(key) ?? { ...make(), databases: [] };
    groups.set(key, group);
    group.databases.push(database);
  };

  for (const it of fleet) {
    const { name, problem, fingerprint, level } = it;
    const base = bases.get(name);
    const deviation = deviating.get(name);
    const lagging = usual !== null && problem === null && level !== usual.level;
    const finding = deviation?.kind ?? (lagging ? 'migrations' : null);
    const since = sinceWhen(it, finding, state, base, now);
    if (problem !== null) add(`unreadable ${problem}`, () => ({ ...NOTHING, kind: 'unreadable', why: problem }), since);
    if (deviation) add(keyOf(deviation), () => told(deviation, readable), since);
    if (lagging)
      add(`level ${level}`, () => ({ ...NOTHING, kind: 'migrations', level, like: usual.name, why: null }), since);
    if (base) {
      const { seen, after } = since;
      databases[name] = { fingerprint, level, seen, after, base, finding };
    } else {
      // What can't be read now is not forgotten.
      const last = state?.databases[name] ?? { fingerprint, level, ...since, base: null };
      databases[name] = { ...last, finding: 'unreadable' };
    }
  }
  const fresh = state?.check === check ? state.news : news(state?.databases ?? {}, databases);
  return { findings: [...groups.values()], state: { check, checkedAt: now, databases, news: fresh } };
};

/** Those whose schema is known. */
export const readableIn = (fleet: Seen[]): Seen[] => fleet.filter(({ problem }) => problem === null);

const NOTHING = { expected: null, found: null, run: null, like: null, level: null };

const keyOf = ({ kind, expected, found, level }: Deviation): string => `${kind} ${expected} ${found} ${level}`;

const told = ({ kind, expected, found, level, base }: Deviation, fleet: Seen[]) => ({
  ...{ kind, expected, found, level, why: null },
  run: kind === 'changed' ? base.run : null,
  like: fleet.find((it) => it.fingerprint === expected && it.level === level)?.name ?? null,
});

/** One of the databases with most migrations: what it has, all should have. */
const furthest = (fleet: Seen[]): Seen | null => {
  const most = fleet.reduce((most, { applied }) => Math.max(most, applied), 0);
  const levels = Map.groupBy(
    fleet.filter(({ applied }) => applied === most),
    ({ level }) => level,
  );
  return [...levels.values()].toSorted((a, b) => b.length - a.length)[0]?.[0] ?? null;
};

/** As long as it looks the same, it is so since it was first seen to be. */
const sinceWhen = (
  it: Seen,
  finding: string | null,
  state: DriftState | null,
  base: Base | undefined,
  now: string,
): Finding['databases'][number] => {
  const before = state?.databases[it.name];
  const same = before && before.level === it.level && before.fingerprint === it.fingerprint;
  // It is itself what it was: the others may be what has become otherwise, and only a check has looked at them as well.
  if (finding !== null && finding !== 'changed' && !(same && before.finding !== null)) {
    return { database: it.name, after: same ? (state?.checkedAt ?? null) : null, seen: now };
  }
  if (same) return { database: it.name, after: before.after, seen: before.seen };
  // Seen to be otherwise: by the last check, or by the run that came after it.
  const looked = [before ? state?.checkedAt : undefined, base && base.at !== now ? base.at : undefined];
  const after = looked.filter((at) => at !== undefined).toSorted();
  return { database: it.name, after: after.at(-1) ?? null, seen: now };
};
