import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Fleet, MigrationPipeline } from '../../../lib/index.ts';

// A service whose fleet is found in another way by each of its environments.
const app = new App();
const within = { clusters: ['orders-*'], secrets: ['lockstep/orders-*'] };
const tags = { service: 'orders' };

const registry = new Table(new Stack(app, 'registry'), 'Tenants', {
  partitionKey: { name: 'tenant', type: AttributeType.STRING },
  removalPolicy: RemovalPolicy.DESTROY,
});

const fleets: Record<string, Fleet> = {
  tags: Fleet.byTags({ tags, within }),
  all: Fleet.byTags({ tags, databases: 'all', within }),
  table: Fleet.fromTable(registry, { within }),
  query: Fleet.fromQuery({
    ...{ cluster: 'control', secret: 'lockstep/control', database: 'control' },
    sql: 'SELECT cluster, database, labels, note FROM tenants -- whoever lives there',
    within: { clusters: ['orders-*'], secrets: ['lockstep/orders-*'] },
  }),
};

for (const [environment, fleet] of Object.entries(fleets)) {
  new MigrationPipeline(new Stack(app, environment), 'Migrations', {
    service: 'orders',
    environment,
    fleet,
    unfit: environment === 'tags' ? 'skip' : 'refuse',
  });
}
