import type { Base } from '../../ledger/base.ts';

/** A database as it was found. */
export type Standing = { name: string; fingerprint: string; level: string };

/** How a database's schema is not what it should be. */
export type Deviation = {
  name: string;
  /** `changed`: not what was last seen there, though no migration has run. `different`: it is that, but others are not so. */
  kind: 'changed' | 'different';
  found: string;
  expected: string;
  level: string;
  base: Base;
};

/**
 * Holds what was found in a fleet against what was last seen in each database, and against the others of the same
 * level: what most of them should be is what all of them should be. Who has come to that is all right, however it was
 * before, so what was mended by hand is no finding. Databases without a base are taken for what they are.
 */
export const deviations = (
  fleet: Standing[],
  base: (it: Standing) => Base | undefined,
  now: string,
): { deviations: Deviation[]; bases: Map<string, Base> } => {
  const bases = new Map(fleet.map((it) => [it.name, base(it) ?? { ...pick(it), at: now, run: null }]));
  const usual = usualOf(bases);
  const found: Deviation[] = [];
  for (const { name, fingerprint, level } of fleet) {
    const own = bases.get(name)!;
    const expected = usual.get(level)!;
    if (fingerprint === expected) {
      if (own.fingerprint !== expected) bases.set(name, { fingerprint, level, at: now, run: null });
      continue;
    }
    const changed = fingerprint !== own.fingerprint;
    const kind = changed ? 'changed' : 'different';
    found.push({ name, kind, found: fingerprint, expected: changed ? own.fingerprint : expected, level, base: own });
  }
  return { deviations: found, bases };
};

const pick = ({ fingerprint, level }: Standing) => ({ fingerprint, level });

/** Of each level the fingerprint that most bases have; of two as common, the one that a run has left, and then the first. */
const usualOf = (bases: Map<string, Base>): Map<string, string> => {
  const levels = new Map<string, Map<string, number>>();
  for (const { level, fingerprint, run } of bases.values()) {
    const counts = levels.get(level) ?? new Map<string, number>();
    levels.set(level, counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + (run === null ? 1 : 1 + BY_A_RUN)));
  }
  return new Map([...levels].map(([level, counts]) => [level, most(counts)]));
};

/** Decides where there are as many of one as of another, and never otherwise. */
const BY_A_RUN = 1e-6;

const most = (counts: Map<string, number>): string =>
  [...counts].reduce((best, it) => (it[1] > best[1] || (it[1] === best[1] && it[0] < best[0]) ? it : best))[0];
