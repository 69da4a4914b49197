import { App, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { MigrationPipeline, type MigrationPipelineProps, Wave } from '../../../lib/index.ts';

// Environments whose rollouts are halted, each by something else.
const app = new App();

const pipeline = (
  environment: string,
  clusters: number,
  rules: (stack: Stack) => Partial<MigrationPipelineProps>,
): void => {
  const stack = new Stack(app, environment);
  const fleet = Array.from({ length: clusters }, (_, at) => {
    const cluster = `shop-${environment}-${at + 1}`;
    return { cluster, secret: `lockstep/${cluster}`, databases: [`tenant_${at + 1}`] };
  });
  new MigrationPipeline(stack, 'Migrations', { service: 'shop', environment, fleet, concurrency: 1, ...rules(stack) });
};

pipeline('budget', 5, () => ({ waves: [Wave.canary(1), Wave.rest()], failureBudget: 1 }));

pipeline('held', 3, () => ({ waves: [Wave.canary(1), Wave.rest()], onHalt: 'hold' }));

pipeline('watched', 2, (stack) => ({
  waves: [Wave.canary(1), Wave.rest()],
  bake: Duration.minutes(15),
  alarms: [
    new Alarm(stack, 'Errors', {
      alarmName: 'checkout-errors',
      metric: new Metric({ namespace: 'shop', metricName: 'errors' }),
      threshold: 1,
      evaluationPeriods: 1,
    }),
  ],
  onHalt: 'revert',
}));

pipeline('unwell', 2, (stack) => ({
  waves: [Wave.canary(1), Wave.rest()],
  healthCheck: new LambdaFunction(stack, 'Health', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.unwell',
    code: Code.fromAsset('health'),
  }),
  onHalt: 'hold',
}));

pipeline('checked', 3, (stack) => ({
  waves: [Wave.canary(1), Wave.percent(60), Wave.rest()],
  healthCheck: new LambdaFunction(stack, 'Health', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset('health'),
  }),
}));
