/** What the harness counts. All but the first three and the time must stay 0 (`identical` true). */
export type Counts = {
  /** Put through faults, on each server: one history on two servers counts twice. */
  migrations: number;
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

export type Tally = Counts & { runs: number; violations: Violation[] };

export const tally = (): Tally => ({
  ...{ migrations: 0, faults: 0, lost: 0, double: 0, invalidIndexes: 0, identical: true },
  ...{ runs: 0, violations: [] },
});

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
