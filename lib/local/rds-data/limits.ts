/** AWS's numbers for Aurora PostgreSQL (Serverless v2 and provisioned), as of November 2026. */
export type Limits = {
  /** How long a call may take, in real time, before it answers StatementTimeoutException. */
  callTimeoutMilliseconds: number;
  /** Characters of `sql`. */
  sqlCharacters: number;
  /** A request's headers and body together. */
  requestBytes: number;
  /** A response's body. */
  responseBytes: number;
  /** `formattedRecords`. */
  formattedRecordsBytes: number;
  /** A transaction without a call is rolled back after this, by the clock. */
  transactionIdleMilliseconds: number;
  /** However busy, a transaction is rolled back after this, by the clock. */
  transactionLifeMilliseconds: number;
  /** Not AWS's number, which is unknown: sessions held per cluster. Callers beyond wait for one. */
  sessionsPerCluster: number;
  /** Not AWS's number either: how long a session nobody uses stays connected, in real time. */
  sessionIdleMilliseconds: number;
  /** How long a paused cluster takes to resume, by the clock. AWS: about 15 s. */
  resumeMilliseconds: number;
};

export const LIMITS: Limits = {
  callTimeoutMilliseconds: 45_000,
  sqlCharacters: 65_536,
  requestBytes: 4 * 1024 * 1024,
  responseBytes: 1024 * 1024,
  // Documented as "10 MB" where others are "MiB": the smaller reading.
  formattedRecordsBytes: 10_000_000,
  transactionIdleMilliseconds: 3 * 60 * 1000,
  transactionLifeMilliseconds: 24 * 60 * 60 * 1000,
  sessionsPerCluster: 40,
  sessionIdleMilliseconds: 30_000,
  resumeMilliseconds: 15_000,
};
