import * as z from 'zod';
import type { PartOfWave } from './by-window.ts';

const Seconds = z.int('whole seconds').min(0).max(604_800, 'at most 7 days');
const Share = z.string().regex(/^(100|[1-9]?\d(\.\d{1,6})?)%$/, 'a percentage, as 5% or 0.5%');

/** How many databases of a wave may fail before no other is started: a number, or a share of the wave as `5%` or `0.5%`. */
export const FailureBudget = z.union(
  [z.int().min(0).max(1_000_000), Share],
  "a number of databases, or a share of a wave's, as '5%' or '0.5%'",
);

export type FailureBudget = z.infer<typeof FailureBudget>;

const settings = {
  /** Clusters worked on at once. */
  concurrency: z.int('a whole number').min(1, 'at least 1').max(1_000, 'at most 1,000'),
  failureBudget: FailureBudget,
  /** Seconds after the wave in which alarms are watched. */
  bake: Seconds,
};

const Label = z.string().min(1).max(128);

/** Which clusters come next, as declared: out of those that no earlier wave has taken. */
export const WaveDeclaration = z.discriminatedUnion('take', [
  /** So many clusters, or just the named ones. */
  z.strictObject({
    take: z.literal('canary'),
    clusters: z.union(
      [z.int().min(1).max(1_000), z.array(z.string()).min(1).max(100)],
      'a number of clusters from 1 to 1,000, or their names',
    ),
    ...settings,
  }),
  /** As many as it takes until so many percent of the clusters have had their turn. */
  z.strictObject({
    take: z.literal('percent'),
    percent: z.number().gt(0, 'above 0').max(100, 'at most 100'),
    ...settings,
  }),
  /** Those with all of these labels. */
  z.strictObject({ take: z.literal('where'), labels: z.record(Label, Label), ...settings }),
  z.strictObject({ take: z.literal('rest'), ...settings }),
]);

export type WaveDeclaration = z.infer<typeof WaveDeclaration>;

/** What a wave planner has to know of a cluster. */
export type Candidate = {
  cluster: string;
  labels: Record<string, string>;
  databases: { labels: Record<string, string> }[];
};

/** A wave of this fleet. */
export type Cut<Cluster> = {
  /** What people call it: `canary`, `10 %`, `tier=free`, `rest`. */
  name: string;
  clusters: Cluster[];
  concurrency: number;
  /** Databases that may fail. */
  budget: number;
  /** Seconds. */
  bake: number;
  /** Which tenants' window it goes by, if not by the environment's own. */
  window?: number;
};

/**
 * Cuts a fleet into the declared waves; those that come to nothing are left out. The same fleet is always cut alike: in
 * the order of names, but the biggest cluster last, so that it is nobody's canary unless it is named. `parts` parts a
 * wave once more, into waves of their own that follow each other.
 */
export const cutWaves = <Cluster extends Candidate>(
  fleet: Cluster[],
  declared: WaveDeclaration[],
  biggest: string | null,
  parts: (clusters: Cluster[]) => PartOfWave<Cluster>[] = whole,
): Cut<Cluster>[] => {
  let left = fleet.toSorted((a, b) => order(a, b, biggest));
  return declared.flatMap((wave) => {
    const taken = new Set(taking(wave, left, fleet.length));
    const clusters = left.filter((it) => taken.has(it));
    left = left.filter((it) => !taken.has(it));
    return clusters.length === 0 ? [] : parts(clusters).map((part) => cutOf(wave, part));
  });
};

const whole = <Cluster>(clusters: Cluster[]): PartOfWave<Cluster>[] => [{ clusters, window: null, called: null }];

const cutOf = <Cluster extends Candidate>(wave: WaveDeclaration, part: PartOfWave<Cluster>): Cut<Cluster> => {
  const { clusters, window, called } = part;
  const databases = clusters.reduce((sum, it) => sum + it.databases.length, 0);
  return {
    name: called === null ? nameOf(wave) : `${nameOf(wave)}, ${called}`,
    clusters,
    ...{ concurrency: wave.concurrency, budget: budgetOf(wave.failureBudget, databases), bake: wave.bake },
    ...(window === null ? {} : { window }),
  };
};

const order = (a: Candidate, b: Candidate, biggest: string | null): number => {
  if (a.cluster === b.cluster) return 0;
  if (a.cluster === biggest) return 1;
  if (b.cluster === biggest) return -1;
  return a.cluster < b.cluster ? -1 : 1;
};

const taking = <Cluster extends Candidate>(wave: WaveDeclaration, left: Cluster[], all: number): Cluster[] => {
  switch (wave.take) {
    case 'canary': {
      const { clusters } = wave;
      return typeof clusters === 'number'
        ? left.slice(0, clusters)
        : left.filter(({ cluster }) => clusters.includes(cluster));
    }
    case 'percent': {
      const had = all - left.length;
      return left.slice(0, Math.max(0, Math.ceil((all * wave.percent) / 100) - had));
    }
    case 'where':
      return left.filter((it) => isLabelled(it, wave.labels));
    case 'rest':
      return left;
  }
};

/** A cluster goes with a label if it has it, or all of its databases do. */
const isLabelled = ({ labels, databases }: Candidate, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(
    ([name, value]) => labels[name] === value || databases.every((it) => it.labels[name] === value),
  );

const nameOf = (wave: WaveDeclaration): string => {
  if (wave.take === 'percent') return `${wave.percent} %`;
  if (wave.take === 'where') return labelled(wave.labels);
  return wave.take;
};

/** `tier=free region=eu` */
export const labelled = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const budgetOf = (budget: FailureBudget, databases: number): number =>
  typeof budget === 'number' ? budget : shareOf(budget, databases);

/** In whole numbers, since 0.57 % of 10,000 would be 56.999… otherwise. */
const shareOf = (share: string, databases: number): number => {
  const [whole = '0', decimals = ''] = share.replace('%', '').split('.');
  return Number((BigInt(databases) * BigInt(whole + decimals)) / 10n ** BigInt(decimals.length + 2));
};
