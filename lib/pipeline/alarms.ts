import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../ledger/metrics.ts';
import { metric, type Where } from './metric.ts';

/** Each is in alarm for the minute in which it happens. Whom that tells is up to the app: none has an action. */
export type PipelineAlarms = {
  /** A run or a restore has failed. One that somebody stopped has not. */
  runFailed: Alarm;
  /** People had to be reminded that a run waits for them, or have not answered in time. */
  waitingTooLong: Alarm;
  /** Nobody knows whether a statement took effect in a database, and nothing more is done there until a person has looked. */
  inDoubt: Alarm;
  /** A run has ended without giving the environment's lease back: it was stopped, or broke down. */
  leaseLeftBehind: Alarm;
  /** Somebody has let a run go ahead alone: it is allowed, and nobody may miss it. */
  glassBroken: Alarm;
};

export const pipelineAlarms = (scope: Construct, where: Where): PipelineAlarms => {
  const named = `of ${where.service} in ${where.environment}`;
  const alarm = (id: string, of: MetricName, alarmDescription: string): Alarm =>
    new Alarm(scope, id, {
      alarmDescription,
      metric: metric(where, of, {
        statistic: of === 'SecondsWaiting' ? 'Maximum' : 'Sum',
        period: Duration.minutes(1),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  return {
    runFailed: alarm('RunFailed', 'RunsFailed', `A run ${named} has failed: its report says why.`),
    waitingTooLong: alarm(
      'WaitingTooLong',
      'SecondsWaiting',
      `A run ${named} has waited for people so long that they were reminded, or longer.`,
    ),
    inDoubt: alarm(
      'InDoubt',
      'DatabasesInDoubt',
      `A migration ${named} is in doubt: a person has to look at the database and to resolve it.`,
    ),
    leaseLeftBehind: alarm(
      'LeaseLeftBehind',
      'LeasesLeftBehind',
      `A run ${named} has ended and left its lease behind, which was taken from it: see how far it came.`,
    ),
    glassBroken: alarm(
      'GlassBroken',
      'GlassBroken',
      `Somebody has let a run ${named} go ahead without the approvals it needs.`,
    ),
  };
};
