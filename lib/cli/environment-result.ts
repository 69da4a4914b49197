import type { Report } from '../fleet/report.ts';

/** How an environment's run ended; what `--json` prints of each. */
export type EnvironmentResult = {
  environment: string;
  /** In Step Functions' words: SUCCEEDED, FAILED, TIMED_OUT, ABORTED. */
  status: string;
  execution: string;
  planDigest: string | null;
  failure: Report['failure'];
  approvals: { decision: string; by: string }[];
  databases: Report['databases'];
  stateTransitions: number;
  dataApiCalls: number;
  seconds: number;
};
