import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type MetricName, NAMESPACE } from '../ledger/metrics.ts';

export type Where = { service: string; environment: string };

/** One of the metrics that the pipeline's functions write. */
export const metric = ({ service, environment }: Where, metricName: MetricName, options: MetricOptions): Metric =>
  new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { service, environment }, ...options });
