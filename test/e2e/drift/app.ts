import { App, Stack, TimeZone } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { MigrationPipeline, type MigrationPipelineProps, RestorePoint } from '../../../lib/index.ts';

// Environments that are looked at for drift: one of fifty tenants that wants none, and one that is told of it at night.
const app = new App();

const pipeline = (environment: string, tenants: number[], rules: Partial<MigrationPipelineProps>): void => {
  let tenant = 0;
  const fleet = tenants.map((count, at) => {
    const cluster = `shop-${environment}-${at + 1}`;
    const databases = Array.from({ length: count }, () => `tenant_${++tenant}`);
    return { cluster, secret: `lockstep/${cluster}`, databases };
  });
  const service = { service: 'shop', environment, fleet, restorePoint: RestorePoint.pointInTime() };
  new MigrationPipeline(new Stack(app, environment), 'Migrations', { ...service, ...rules });
};

// The last cluster has one tenant.
pipeline('strict', [12, 12, 12, 13, 1], { unfit: 'skip', databasesAtOnce: 4, drift: { policy: 'block' } });

const schedule = ScheduleExpression.cron({ hour: '5', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });
pipeline('nightly', [1, 1, 1], { drift: { schedule } });
