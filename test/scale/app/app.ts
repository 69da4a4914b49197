import { App, Stack } from 'aws-cdk-lib';
import { MigrationPipeline } from '../../../lib/index.ts';

// A pipeline as a service with thousands of clusters would declare it, but for the fleet: see fleet-of.ts.
const app = new App();

new MigrationPipeline(new Stack(app, 'Fleet'), 'Migrations', {
  service: 'orders',
  environment: 'fleet',
  fleet: [{ cluster: 'fleet-00001', secret: 'lockstep/fleet', databases: ['tenant_00001'] }],
  waveSize: Number(app.node.tryGetContext('waveSize') ?? 10_000),
  concurrency: Number(app.node.tryGetContext('concurrency') ?? 1_000),
});
