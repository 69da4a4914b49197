import { z } from 'zod';

const number = z.coerce.number();
const text = (longest: number) => z.string().min(1).max(longest);
const actions = z.array(text(1024)).max(5).default([]);
const dimensions = z
  .array(z.strictObject({ Name: text(255), Value: text(1024) }))
  .max(30)
  .optional();

const metric = z.strictObject({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
});

/** What an alarm is made of, alike in PutMetricAlarm and in a template. It is kept and told; nothing evaluates it. */
export const alarmProperties = {
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: z.union([z.boolean(), z.stringbool()]).default(true),
  OKActions: actions,
  AlarmActions: actions,
  InsufficientDataActions: actions,
  MetricName: text(255).optional(),
  Namespace: text(255).optional(),
  Statistic: z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']).optional(),
  ExtendedStatistic: z.string().optional(),
  Dimensions: dimensions,
  Period: number.int().min(1).optional(),
  Unit: z.string().optional(),
  EvaluationPeriods: number.int().min(1),
  DatapointsToAlarm: number.int().min(1).optional(),
  Threshold: number.optional(),
  ThresholdMetricId: z.string().optional(),
  ComparisonOperator: z.enum([
    ...(['GreaterThanOrEqualToThreshold', 'GreaterThanThreshold', 'LessThanThreshold'] as const),
    ...(['LessThanOrEqualToThreshold', 'LessThanLowerOrGreaterThanUpperThreshold'] as const),
    ...(['LessThanLowerThreshold', 'GreaterThanUpperThreshold'] as const),
  ]),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).optional(),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).optional(),
  Metrics: z
    .array(
      z.strictObject({
        Id: text(255),
        Expression: z.string().optional(),
        Label: z.string().optional(),
        ReturnData: z.union([z.boolean(), z.stringbool()]).optional(),
        Period: number.optional(),
        AccountId: z.string().optional(),
        MetricStat: z
          .strictObject({ Metric: metric, Period: number, Stat: z.string(), Unit: z.string().optional() })
          .optional(),
      }),
    )
    .max(20)
    .optional(),
};

const whole = z.strictObject({ AlarmName: text(255), ...alarmProperties });
export type AlarmProperties = z.output<typeof whole>;
