import { App, Stack } from 'aws-cdk-lib';
import { MigrationPipeline, type MigrationPipelineProps, Wave } from '../../../lib/index.ts';

// One fleet that stops at the first failure, and one that puts up with one in each wave: three clusters, three waves.
const app = new App();

const pipeline = (environment: string, rules: Partial<MigrationPipelineProps>): void => {
  const fleet = [1, 2, 3].map((tenant) => {
    const cluster = `shop-${environment}-${tenant}`;
    return { cluster, secret: `lockstep/${cluster}`, databases: [`tenant_${tenant}`] };
  });
  new MigrationPipeline(new Stack(app, environment), 'Migrations', {
    ...{ service: 'shop', environment, fleet, waves: [Wave.canary(1), Wave.percent(60), Wave.rest()] },
    ...rules,
  });
};

pipeline('strict', {});

pipeline('lenient', { failureBudget: 1, unfit: 'skip' });
