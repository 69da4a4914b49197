import { App, Stack } from 'aws-cdk-lib';
import { MigrationPipeline, Wave } from '../../../lib/index.ts';

// A pipeline as a service with thousands of clusters would declare it, but for the fleet: see fleet-of.ts.
const app = new App();

new MigrationPipeline(new Stack(app, 'Fleet'), 'Migrations', {
  service: 'orders',
  environment: 'fleet',
  fleet: [{ cluster: 'fleet-00001', secret: 'lockstep/fleet', databases: ['tenant_00001'] }],
  waves: [Wave.canary(2), Wave.percent(10), Wave.percent(50), Wave.rest()],
  concurrency: Number(app.node.tryGetContext('concurrency') ?? 1_000),
});
