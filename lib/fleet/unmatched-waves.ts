import { type Candidate, labelled, type WaveDeclaration } from './waves.ts';

/** A declared wave that asks by name or by label for what no cluster of a fleet is. */
export type Unmatched = {
  /** 0-based. */
  at: number;
  /** What is missing: a slip of the pen or, of a fleet that is found, maybe only late. */
  missing: { clusters: string[] } | { labels: Record<string, string> };
};

/**
 * The declared waves that can't take what they ask for. A cluster counts that has a label in one of its databases: a run
 * may have something to do in just that one.
 */
export const unmatchedWaves = (declared: WaveDeclaration[], fleet: Candidate[]): Unmatched[] => {
  const names = new Set(fleet.map(({ cluster }) => cluster));
  return declared.flatMap((wave, at): Unmatched[] => {
    if (wave.take === 'canary' && typeof wave.clusters !== 'number') {
      const clusters = wave.clusters.filter((it) => !names.has(it));
      return clusters.length > 0 ? [{ at, missing: { clusters } }] : [];
    }
    if (wave.take !== 'where') return [];
    const { labels } = wave;
    return fleet.some((it) => mayHave(it, labels)) ? [] : [{ at, missing: { labels } }];
  });
};

const mayHave = ({ labels, databases }: Candidate, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(
    ([name, value]) => labels[name] === value || databases.some((it) => it.labels[name] === value),
  );

/** `declared wave 1, canary: no cluster of the plan is called ten-zz` */
export const unmatchedInWords = ({ at, missing }: Unmatched): string => {
  const wave = `declared wave ${at + 1}`;
  if ('labels' in missing) return `${wave}: no cluster of the plan has ${labelled(missing.labels)}`;
  const { clusters } = missing;
  const more = clusters.length - MOST;
  return `${wave}, canary: no cluster of the plan is called ${clusters.slice(0, MOST).join(' or ')}${more > 0 ? `, nor as ${more} more` : ''}`;
};

const MOST = 5;
