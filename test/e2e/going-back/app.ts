import { App, Duration, Stack } from 'aws-cdk-lib';
import { Approval, MigrationPipeline, RestorePoint } from '../../../lib/index.ts';

// A service with an environment for each kind of restore point, and people who approve in the first.
const app = new App();

const kinds = {
  production: RestorePoint.snapshot({ keepFor: Duration.days(14) }),
  moments: RestorePoint.pointInTime(),
  clones: RestorePoint.clone(),
};

for (const [environment, restorePoint] of Object.entries(kinds)) {
  new MigrationPipeline(new Stack(app, environment), 'Migrations', {
    ...{ service: 'shop', environment, restorePoint },
    fleet: [{ cluster: `shop-${environment}`, secret: `lockstep/shop-${environment}`, databases: ['red', 'blue'] }],
    ...(environment === 'production' ? { approval: Approval.byMail(['dba@example.com']) } : {}),
  });
}
