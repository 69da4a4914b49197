import { App, Stack } from 'aws-cdk-lib';
import { MigrationPipeline, RestorePoint, Wave } from '../../../lib/index.ts';

// A pipeline whose tenants share a few clusters.
const app = new App();
const count = Number(app.node.tryGetContext('databases'));
const each = Number(app.node.tryGetContext('each'));

const fleet = Array.from({ length: Math.ceil(count / each) }, (_, at) => {
  const cluster = `tenants-${at + 1}`;
  const here = Math.min(each, count - at * each);
  const databases = Array.from({ length: here }, (_, tenant) => `tenant_${at * each + tenant + 1}`);
  return { cluster, secret: `lockstep/${cluster}`, databases };
});

new MigrationPipeline(new Stack(app, 'Tenants'), 'Migrations', {
  ...{ service: 'orders', environment: 'tenants', fleet, databasesAtOnce: 4 },
  restorePoint: RestorePoint.pointInTime(),
  waves: [Wave.rest()],
});
