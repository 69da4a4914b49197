import { Duration, Stack } from 'aws-cdk-lib';
import { AlarmStatusWidget, Color, Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../ledger/metrics.ts';
import type { PipelineAlarms } from './alarms.ts';
import { metric, type Where } from './metric.ts';

/** How an environment fares, on one page: read it row by row. */
export const dashboard = (scope: Construct, where: Where, alarms: PipelineAlarms): Dashboard => {
  const sum = (name: MetricName, label: string, color?: string) =>
    metric(where, name, { statistic: 'Sum', label, period: HOUR, ...(color ? { color } : {}) });
  const each = (name: MetricName, statistic: string, label: string) =>
    metric(where, name, { statistic, label, period: HOUR });

  return new Dashboard(scope, 'Dashboard', {
    // Of an account's dashboards, those of all regions share one list of names.
    dashboardName: `lockstep-${where.service}-${where.environment}-${Stack.of(scope).region}`,
    defaultInterval: Duration.days(14),
    widgets: [
      [
        new AlarmStatusWidget({
          title: `${where.service}, ${where.environment}`,
          alarms: Object.values(alarms),
          width: 24,
          height: 3,
        }),
      ],
      [
        bars('Runs', [
          sum('RunsSucceeded', 'succeeded', Color.GREEN),
          sum('RunsFailed', 'failed', Color.RED),
          sum('RunsStopped', 'stopped', Color.GREY),
        ]),
        bars('Databases by verdict', [
          sum('DatabasesApplied', 'applied', Color.GREEN),
          sum('DatabasesReverted', 'reverted', Color.BLUE),
          sum('DatabasesSkipped', 'skipped', Color.GREY),
          sum('DatabasesFailed', 'failed', Color.RED),
          sum('DatabasesInDoubt', 'in doubt', Color.ORANGE),
        ]),
      ],
      [
        lines('How long a run takes, people included', 'seconds', [
          each('RunSeconds', 'Average', 'on average'),
          each('RunSeconds', 'Maximum', 'the longest'),
        ]),
        lines('How long the migrations of a database take', 'seconds', [
          each('DatabaseSeconds', 'p50', 'half of them at most'),
          each('DatabaseSeconds', 'p95', '95 of 100 at most'),
          each('DatabaseSeconds', 'Maximum', 'the longest'),
        ]),
      ],
      [
        lines('Waiting for people, when they were reminded', 'seconds', [
          each('SecondsWaiting', 'Maximum', 'the longest'),
        ]),
        bars('For a person to look at', [
          sum('DatabasesInDoubt', 'databases in doubt', Color.ORANGE),
          sum('LeasesLeftBehind', 'leases left behind', Color.BROWN),
          sum('GlassBroken', 'glass broken', Color.RED),
        ]),
      ],
      [
        bars('Data API calls', [sum('DataApiCalls', 'of runs')]),
        bars('Calls made again: turned away, lost, or in the way of locks', [sum('Retries', 'to databases and RDS')]),
      ],
    ],
  });
};

const HOUR = Duration.hours(1);

/** Half of a row. */
const size = { width: 12, height: 6 };

const bars = (title: string, left: IMetric[]): GraphWidget =>
  new GraphWidget({ title, left, stacked: true, leftYAxis: { min: 0, label: 'count', showUnits: false }, ...size });

const lines = (title: string, label: string, left: IMetric[]): GraphWidget =>
  new GraphWidget({ title, left, leftYAxis: { min: 0, label, showUnits: false }, ...size });
