/** What the harness counts. All but the first two must stay 0 (`identical` true). */
export type Counts = {
  /**
   * Distinct migrations whose every boundary was struck: a file of a history counts once, on however many servers and in
   * however many runs it was carried out. Servers may share the boundaries of generated histories among them.
   */
  migrations: number;
  /**
   * What struck: callers that died at a call that they had come to, calls whose session was ended and that failed of it,
   * answers that were not what became of the call, secrets changed, old owners woken. Not what was planned and never came
   * to pass, not delays, and not that several callers were at work at once.
   */
  faults: number;
  /** Missing at the end, by the history or by their effect. */
  lost: number;
  /** Effects that are there more than once, or that were tried a second time. */
  double: number;
  invalidIndexes: number;
  /** Whether every run ended in the schema of the undisturbed one. */
  identical: boolean;
};

export type Violation = { what: string; how: string };

export type Tally = Omit<Counts, 'migrations'> & {
  /** How often the boundaries of a migration were gone through, by history and id. */
  struck: Map<string, number>;
  /** Databases that were compared with undisturbed ones. */
  runs: number;
  /** Random schedules played. */
  schedules: number;
  violations: Violation[];
};

export const tally = (): Tally => ({
  ...{ faults: 0, lost: 0, double: 0, invalidIndexes: 0, identical: true },
  ...{ struck: new Map(), runs: 0, schedules: 0, violations: [] },
});

/** Migrations that were struck on so many servers. */
export const migrationsOf = ({ struck }: Tally, servers: number): number =>
  [...struck.values()].filter((times) => times >= servers).length;

export const count = ({ struck }: Tally, history: string, migration: string): void => {
  const key = `${history} ${migration}`;
  struck.set(key, (struck.get(key) ?? 0) + 1);
};

export const sound = ({ lost, double, invalidIndexes, identical, violations }: Tally): boolean =>
  lost + double + invalidIndexes + violations.length === 0 && identical;

/** One run is over: what it found is added, and told with how to see it again. */
export const add = (tally: Tally, findings: Findings, how: string): void => {
  tally.runs += 1;
  tally.lost += findings.lost;
  tally.double += findings.double;
  tally.invalidIndexes += findings.invalidIndexes;
  tally.identical &&= findings.identical;
  for (const what of findings.complaints) tally.violations.push({ what, how });
};

export type Findings = Pick<Counts, 'lost' | 'double' | 'invalidIndexes' | 'identical'> & { complaints: string[] };

export const nothingFound = (): Findings => ({
  lost: 0,
  double: 0,
  invalidIndexes: 0,
  identical: true,
  complaints: [],
});
