import type { Report } from '../fleet/report.ts';

/** How an environment's run ended; what `--json` prints of each. */
export type EnvironmentResult = {
  environment: string;
  /** In Step Functions' words: SUCCEEDED, FAILED, TIMED_OUT, ABORTED. */
  status: string;
  run: string;
  execution: string;
  /** The run that it was to take back. */
  revert: string | null;
  /** The run that takes this one back by itself, since it was halted; it goes on once this one has ended. */
  revertedBy: string | null;
  planDigest: string | null;
  failure: Report['failure'];
  /** All that was said by those who approve, withdrawn or not. */
  approvals: Report['approvals'];
  /** Each time that its rollout was held: why, and what came of it. */
  holds: Report['holds'];
  databases: Report['databases'];
  /** Clusters that could not be worked on and were left out, each with why. */
  unfit: Report['unfit'];
  /** How they differ, where not all came to one schema. */
  differences: Report['differences'];
  /** What was changed there without a migration before the run, in sentences. */
  drift: Report['drift'];
  /** Known of the local cloud only. */
  stateTransitions: number | null;
  dataApiCalls: number;
  seconds: number;
};
