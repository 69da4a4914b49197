import { App, Stack } from 'aws-cdk-lib';
import { MigrationPipeline, RestorePoint, Wave } from '../../../lib/index.ts';
import { budgetOf, fleetOf } from '../fleet-of.ts';

// A fleet as large as it is asked for, whose runtime is killed again and again while it is brought up to date.
const app = new App();
const asked = (name: string, otherwise: number) => Number(app.node.tryGetContext(name) ?? otherwise);
const [clusters, databases] = [asked('clusters', 20), asked('databases', 10)];

new MigrationPipeline(new Stack(app, 'Kills'), 'Migrations', {
  service: 'orders',
  environment: 'fleet',
  fleet: fleetOf(clusters, databases),
  waves: [Wave.canary(1), Wave.percent(50), Wave.rest()],
  failureBudget: budgetOf(clusters * databases),
  // Each run takes new ones: a hundred snapshots, as many as an account may have, would be five runs of twenty clusters.
  restorePoint: clusters > 5 ? RestorePoint.pointInTime() : RestorePoint.snapshot(),
  concurrency: 4,
  databasesAtOnce: 2,
});
