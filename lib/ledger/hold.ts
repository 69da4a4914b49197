/** A rollout that was halted or paused, and waits for a person, as it stood then: what people are shown of it. */
export type Hold = {
  /** 1 for the first of a run. */
  number: number;
  /** After which wave; 0 before the first. */
  wave: number;
  /** Why it was halted, in a sentence. */
  reason: string;
  /** Whether every migration of the run has a down file. */
  canRevert: boolean;
  /**
   * Whether to resume it is to go on with the next wave at once, since all of this one had their turn; otherwise those
   * that were not begun are taken up first. Not there where an earlier version of Lockstep put it down.
   */
  onward?: boolean;
  /** Files of those that have none: the first of them. */
  withoutDown: string[];
  waves: WaveSoFar[];
  /** The first of them, by cluster and database. */
  failures: Failing[];
  /** Number of those that are not shown. */
  moreFailures: number;
};

export type WaveSoFar = {
  wave: number;
  databases: number;
  /** How many databases came out how; those that nothing is said of were not begun. */
  verdicts: Record<string, number>;
};

export type Failing = {
  cluster: string;
  database: string;
  verdict: string;
  file: string | null;
  line: number | null;
  sqlstate: string;
  message: string;
};
