import type { EnvironmentReading } from './status.ts';

/** An environment, and those that its paths name. */
type Declared = { environment: string; after?: string[] | undefined };

/** All environments that come before one, by the paths of all that are known. */
export const allBefore = (environment: string, declared: Declared[]): string[] => {
  const found = new Set<string>();
  const look = (name: string): void => {
    const before = declared.filter((it) => it.environment === name).flatMap(({ after = [] }) => after);
    for (const one of before.filter((it) => it !== environment && !found.has(it))) {
      found.add(one);
      look(one);
    }
  };
  look(environment);
  return [...found];
};

/**
 * The order in which migrations reach environments: as they were named; else by the declared paths; else what has more
 * of them gets them earlier, and production gets them last.
 */
export const inPath = (readings: EnvironmentReading[], named: string[] = []): EnvironmentReading[] => {
  const left = readings.toSorted(likely);
  const ordered: EnvironmentReading[] = [];
  const waits = ({ environment, after = [] }: EnvironmentReading): boolean => {
    const at = named.indexOf(environment);
    const before = at === -1 ? after : [...named.slice(0, at), ...after.filter((it) => !named.includes(it))];
    return left.some((it) => before.includes(it.environment));
  };
  while (left.length > 0) {
    // Paths that lead in a circle, by whatever mistake, give no order.
    const next = left.find((it) => !waits(it)) ?? left[0]!;
    ordered.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return ordered;
};

const likely = (a: EnvironmentReading, b: EnvironmentReading): number =>
  Number(isLast(a)) - Number(isLast(b)) || most(b) - most(a) || (a.environment < b.environment ? -1 : 1);

/** A pipeline of an earlier version doesn't say. */
const isLast = ({ environment, production = environment.startsWith('prod') }: EnvironmentReading): boolean =>
  production;

const most = ({ databases }: EnvironmentReading): number =>
  Math.max(
    0,
    ...databases.map((it) => ('history' in it ? it.history.filter(({ state }) => state === 'applied').length : 0)),
  );
