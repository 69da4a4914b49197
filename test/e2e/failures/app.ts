import { App, Stack } from 'aws-cdk-lib';
import { Approval, MigrationPipeline, type MigrationPipelineProps, Wave } from '../../../lib/index.ts';

// A fleet that stops at the first failure, one that puts up with one in each wave, and one for which somebody is asked:
// three clusters, three waves.
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

pipeline('asked', { approval: Approval.byMail(['dba@example.com']) });
