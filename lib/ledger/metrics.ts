/** CloudWatch's namespace of all that is counted here. */
export const NAMESPACE = 'Lockstep';

/** Everything that is counted, and in what; each by service and environment. */
export const METRICS = {
  /** A run went ahead on the word of one person alone. */
  GlassBroken: 'Count',
  RunsSucceeded: 'Count',
  RunsFailed: 'Count',
  /** Stopped by somebody, and so without a report. */
  RunsStopped: 'Count',
  RunSeconds: 'Seconds',
  DatabasesApplied: 'Count',
  DatabasesReverted: 'Count',
  DatabasesSkipped: 'Count',
  DatabasesFailed: 'Count',
  DatabasesInDoubt: 'Count',
  /** Of each database's migrations together. */
  DatabaseSeconds: 'Seconds',
  DataApiCalls: 'Count',
  /** Calls to databases and to RDS that were made again: turned away, lost, or in the way of others' locks. */
  Retries: 'Count',
  /** How long a question has waited for people, each time that they are reminded of it and when it is closed. */
  SecondsWaiting: 'Seconds',
  /** A lease was found whose run had ended. */
  LeasesLeftBehind: 'Count',
} as const satisfies Record<string, 'Count' | 'Seconds'>;

export type MetricName = keyof typeof METRICS;

/** One value, or as many as there were. */
export type Measured = Partial<Record<MetricName, number | number[]>>;

/**
 * What was measured as lines in CloudWatch's embedded format, which makes metrics of them when they are logged as they
 * are. `told` stands beside them for whoever reads the log.
 */
export const metricLines = (
  { service, environment }: { service: string; environment: string },
  at: Date,
  measured: Measured,
  told: Record<string, string>,
): string[] =>
  portions(measured).map((values) =>
    JSON.stringify({
      _aws: {
        Timestamp: at.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: NAMESPACE,
            Dimensions: [['service', 'environment']],
            Metrics: Object.keys(values).map((Name) => ({ Name, Unit: METRICS[Name as MetricName] })),
          },
        ],
      },
      service,
      environment,
      ...told,
      ...values,
    }),
  );

/** A line holds at most 100 values of a metric; what is more goes into lines of its own. */
const portions = (measured: Measured): Measured[] => {
  const entries = Object.entries(measured).map(([name, values]) => [name, [values].flat()] as const);
  const longest = Math.max(...entries.map(([, values]) => values.length));
  return Array.from({ length: Math.ceil(longest / MOST) }, (_, at) =>
    Object.fromEntries(
      entries.flatMap(([name, values]) => {
        const these = values.slice(at * MOST, (at + 1) * MOST);
        return these.length === 0 ? [] : [[name, these.length === 1 ? these[0] : these]];
      }),
    ),
  );
};

const MOST = 100;
