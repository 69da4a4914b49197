/**
 * What AWS's own pages leave open about Step Functions, as switches.ts of the Data API has it for that service.
 */
export type Switches = {
  /**
   * The name by which Retry and Catch find a missed heartbeat: the page on error handling has States.HeartbeatTimeout,
   * the one on Task states States.Timeout. It is reported as States.Timeout unless only the other one finds it.
   */
  missedHeartbeat: 'both' | 'States.Timeout' | 'States.HeartbeatTimeout';
  /** What is answered to a token whose task has been answered already, or has timed out. */
  lateAnswer: 'TaskTimedOut' | 'TaskDoesNotExist';
};

export const SWITCHES: Switches = { missedHeartbeat: 'both', lateAnswer: 'TaskTimedOut' };

/** The other answers to each question, by a name for them. */
export const OTHERWISE: { [Name in keyof Switches]: Record<string, Switches[Name]> } = {
  missedHeartbeat: {
    'States.Timeout': 'States.Timeout',
    'States.HeartbeatTimeout': 'States.HeartbeatTimeout',
  },
  lateAnswer: { TaskDoesNotExist: 'TaskDoesNotExist' },
};
