import { App, Stack } from 'aws-cdk-lib';
import { Fleet, MigrationPipeline, RestorePoint, Wave } from '../../../lib/index.ts';

// A pipeline as a service with thousands of clusters would declare it.
const app = new App();

new MigrationPipeline(new Stack(app, 'Fleet'), 'Migrations', {
  service: 'orders',
  environment: 'fleet',
  fleet: Fleet.byTags({
    tags: { fleet: 'orders' },
    within: { clusters: ['fleet-*'], secrets: ['lockstep/fleet'] },
  }),
  restorePoint:
    app.node.tryGetContext('snapshots') === undefined ? RestorePoint.pointInTime() : RestorePoint.snapshot(),
  waves: [Wave.canary(2), Wave.percent(10), Wave.percent(50), Wave.rest()],
  concurrency: Number(app.node.tryGetContext('concurrency') ?? 1_000),
});
