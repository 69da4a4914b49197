import type { Base } from '../../ledger/base.ts';

/** A database as it was found. */
export type Standing = { name: string; fingerprint: string; level: string };

/** How a database's schema is not what it should be. */
export type Deviation = {
  name: string;
  /**
   * `changed`: not what was last seen there, though no migration has run. `different`: it is that, but most others are
   * not so. `apart`: as many are so as otherwise, and nobody can say which are as they should be.
   */
  kind: 'changed' | 'different' | 'apart';
  found: string;
  expected: string;
  /** Of one that is apart, all that are as common, its own among them. */
  rivals: string[];
  level: string;
  base: Base;
};

/**
 * Holds what was found in a fleet against what was last seen in each database, and against the others of the same
 * level: what most of them should be is what all of them should be. Who has come to that is all right, however it was
 * before, so what was mended by hand is no finding. Databases without a base are taken for what they are.
 * @param vouched fingerprints that were attested elsewhere: of what is as common as something else, they are right
 */
export const deviations = (
  fleet: Standing[],
  base: (it: Standing) => Base | undefined,
  now: string,
  vouched: Set<string> = new Set(),
): { deviations: Deviation[]; bases: Map<string, Base> } => {
  const bases = new Map(fleet.map((it) => [it.name, base(it) ?? { ...pick(it), at: now, run: null }]));
  const usual = usualOf(fleet, bases, vouched);
  const found: Deviation[] = [];
  for (const { name, fingerprint, level } of fleet) {
    const own = bases.get(name)!;
    const all = usual.get(level)!;
    const [expected = fingerprint] = all.filter((it) => it !== fingerprint);
    const isUsual = all.includes(fingerprint);
    if (isUsual && all.length === 1) {
      if (own.fingerprint !== fingerprint) bases.set(name, { fingerprint, level, at: now, run: null });
      continue;
    }
    const is = { name, found: fingerprint, level, base: own, rivals: [] };
    if (fingerprint !== own.fingerprint) found.push({ ...is, kind: 'changed', expected: own.fingerprint });
    else if (isUsual) found.push({ ...is, kind: 'apart', expected, rivals: all });
    else found.push({ ...is, kind: 'different', expected });
  }
  return { deviations: found, bases };
};

const pick = ({ fingerprint, level }: Standing) => ({ fingerprint, level });

/**
 * Of each level the fingerprint that most bases have. Of several as common, the one that is vouched for or that a run
 * has left, or the only one that is there yet; all of them, where that does not tell them apart.
 */
const usualOf = (fleet: Standing[], bases: Map<string, Base>, vouched: Set<string>): Map<string, string[]> => {
  const levels = new Map<string, Map<string, Count>>();
  for (const { level, fingerprint, run } of bases.values()) {
    const counts = levels.get(level) ?? new Map<string, Count>();
    const { all, ofRuns } = counts.get(fingerprint) ?? { all: 0, ofRuns: 0 };
    levels.set(level, counts.set(fingerprint, { all: all + 1, ofRuns: ofRuns + (run === null ? 0 : 1) }));
  }
  const there = new Set(fleet.map(({ level, fingerprint }) => `${level} ${fingerprint}`));
  const usual = ([level, counts]: [string, Map<string, Count>]): [string, string[]] => {
    const known = preferred(most(counts), (it) => vouched.has(it));
    return [level, preferred(known, (it) => there.has(`${level} ${it}`))];
  };
  return new Map([...levels].map(usual));
};

/** How many bases there are of a fingerprint, and how many of them a run has left. */
type Count = { all: number; ofRuns: number };

/** The most common first; a run's word decides where there are as many of one as of another, and never otherwise. */
const byCount = (a: Count, b: Count): number => b.all - a.all || b.ofRuns - a.ofRuns;

const most = (counts: Map<string, Count>): string[] => {
  const [highest] = [...counts.values()].toSorted(byCount);
  return [...counts].flatMap(([it, count]) => (byCount(count, highest!) === 0 ? [it] : [])).toSorted();
};

/** Those that it holds for, if it holds for any. */
const preferred = (all: string[], holds: (it: string) => boolean): string[] => {
  const some = all.filter(holds);
  return some.length > 0 ? some : all;
};
