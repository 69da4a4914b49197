import { ClusterIdentifier, type FleetDeclaration } from '../fleet/fleet.ts';
import { unmatchedWaves } from '../fleet/unmatched-waves.ts';
import { type Candidate, labelled, type WaveDeclaration } from '../fleet/waves.ts';
import type { Fleet } from './fleet-props.ts';

/** Waves that could never take a cluster, or of a fleet that is listed never take what they ask for. */
export const waveProblems = (waves: WaveDeclaration[], fleet: Fleet): string[] => {
  const rest = waves.findIndex(({ take }) => take === 'rest');
  return [
    ...waves.flatMap(strange),
    ...(rest < 0
      ? []
      : waves.slice(rest + 1).map((_, after) => `waves.${rest + 1 + after}: nothing is left after Wave.rest()`)),
    ...(Array.isArray(fleet) ? strangers(waves, fleet) : []),
  ];
};

const strange = (wave: WaveDeclaration, at: number): string[] => {
  if (wave.take === 'where' && Object.keys(wave.labels).length === 0)
    return [`waves.${at}: Wave.where({}) names no label, and so takes all; that is Wave.rest()`];
  if (wave.take !== 'canary' || typeof wave.clusters === 'number') return [];
  return wave.clusters.flatMap(
    (it) =>
      ClusterIdentifier.safeParse(it).error?.issues.map(
        ({ message }) => `waves.${at}: Wave.canary: ${message}, not ${JSON.stringify(it)}`,
      ) ?? [],
  );
};

const strangers = (waves: WaveDeclaration[], fleet: FleetDeclaration): string[] => {
  const candidates = fleet.map(
    ({ cluster, labels = {}, databases }): Candidate => ({
      ...{ cluster, labels },
      databases: databases.map((it) => ({ labels: typeof it === 'string' ? {} : it.labels })),
    }),
  );
  const names = fleet.map(({ cluster }) => cluster);
  return unmatchedWaves(waves, candidates).flatMap(({ at, missing }) => {
    if ('labels' in missing) return [`waves.${at}: Wave.where: ${unlabelled(missing.labels, candidates)}`];
    // What can't be a name at all is told as that.
    return missing.clusters
      .filter((it) => ClusterIdentifier.safeParse(it).success)
      .map((it) => `waves.${at}: Wave.canary: the fleet has no cluster ${it}; the nearest is ${nearest(it, names)}`);
  });
};

const unlabelled = (wanted: Record<string, string>, fleet: Candidate[]): string => {
  const there = fleet.flatMap(({ labels, databases }) => [labels, ...databases.map((it) => it.labels)]);
  const all = new Set(there.flatMap((labels) => Object.entries(labels).map(([name, value]) => `${name}=${value}`)));
  const near = Object.entries(wanted).map(([name, value]) => nearest(`${name}=${value}`, [...all]));
  const hint = all.size === 0 ? 'none has any label' : `the nearest is ${[...new Set(near)].join(' ')}`;
  return `no cluster of the fleet has ${labelled(wanted)}; ${hint}`;
};

/** The one that the fewest letters have to be changed for. */
const nearest = (name: string, all: string[]): string =>
  all.map((it) => ({ it, distance: distance(name, it) })).toSorted((a, b) => a.distance - b.distance)[0]?.it ?? '';

/** Letters to put in, take out or change, as Levenshtein counts them. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (const [to, other] of [...b].entries())
      next.push(Math.min(next[to]! + 1, row[to + 1]! + 1, row[to]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
};
