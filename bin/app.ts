import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Approval, MigrationPipeline } from '../lib/index.ts';
import { sampleFleet } from '../lib/pipeline/sample-fleet.ts';

// The sample service "orders". Put your own service, clusters and approvers here.
const app = new App();
const sizes = { clusters: app.node.tryGetContext('clusters'), databases: app.node.tryGetContext('databases') };

const staging = new MigrationPipeline(new Stack(app, 'OrdersStaging'), 'Migrations', {
  service: 'orders',
  environment: 'staging',
  fleet: sampleFleet('staging', sizes),
});

new MigrationPipeline(new Stack(app, 'OrdersProduction'), 'Migrations', {
  service: 'orders',
  environment: 'production',
  fleet: sampleFleet('production', sizes),
  promotion: [{ after: [staging] }],
  approval: Approval.byMail(['dba@example.com'], { expiresAfter: Duration.days(1) }),
});

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
