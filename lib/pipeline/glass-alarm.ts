import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { GLASS_BROKEN, NAMESPACE } from '../approval/glass.ts';

/** Goes off whenever somebody lets a run go ahead alone: it is allowed, and nobody may miss it. Whom it tells is up to the app. */
export const glassAlarm = (
  scope: Construct,
  { service, environment }: { service: string; environment: string },
): Alarm => {
  const metric = new Metric({
    namespace: NAMESPACE,
    metricName: GLASS_BROKEN,
    dimensionsMap: { service, environment },
    statistic: 'Sum',
    period: Duration.minutes(1),
  });
  return new Alarm(scope, 'GlassBroken', {
    alarmDescription: `Somebody has let a run of ${service} in ${environment} go ahead without the approvals it needs.`,
    metric,
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
};
