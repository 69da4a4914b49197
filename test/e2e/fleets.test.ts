import {
  AddTagsToResourceCommand,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  RDSClient,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { commands } from './commands.ts';
import { stage } from './stage.ts';

const it = stage({}, { app: 'test/e2e/fleets' });

const items = { '1_items.sql': 'CREATE TABLE items (id int);' };
const arn = (cluster: string) => `arn:aws:rds:us-east-1:000000000000:cluster:${cluster}`;

const at = () => ({ endpoint: it.deployed.cloud.endpoint, region: it.deployed.cloud.place.region });
const rds = () => new RDSClient({ ...at(), credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

const tag = (cluster: string, tags: Record<string, string>) =>
  rds().send(
    new AddTagsToResourceCommand({
      ResourceName: arn(cluster),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );

const put = async (item: object) => {
  const { table } = it.pipeline('table').fleet;
  await it.deployed.clients.dynamodb.send(new PutCommand({ TableName: table, Item: item }));
};

const outcome = ({ databases, failure }: Awaited<ReturnType<typeof it.run>>) => ({
  failure,
  databases: databases.map(({ cluster, database, verdict }) => `${cluster}/${database} ${verdict}`).sort(),
});

const json = async (environment: string, run: string, name: string) =>
  JSON.parse(await it.object(environment, `runs/${run}/${name}.json`));

const history = async (environment: string, ...more: string[]) => {
  const { exitCode, stdout } = await commands(it).as(null, 'history', environment, ...more, '--json');
  return { exitCode, told: stdout === '' ? null : JSON.parse(stdout) };
};

/** What a user has already: clusters with tags, and a registry on one of them. */
beforeAll(async () => {
  const { cloud } = it.deployed;
  await cloud.createCluster({
    ...{ identifier: 'orders-1', secret: 'lockstep/orders-1', databases: ['acme', 'globex', 'initech'] },
    tags: {
      ...{ service: 'orders', 'lockstep:secret': 'lockstep/orders-1' },
      ...{ 'lockstep:databases': 'acme globex', 'lockstep:label:tier': 'gold' },
    },
  });
  // Its secret is the one that RDS manages.
  await cloud.createCluster({
    ...{ identifier: 'orders-2', secret: 'lockstep/orders-2', databases: ['umbrella'], managesSecret: true },
    tags: { service: 'orders', 'lockstep:databases': 'umbrella' },
  });
  await cloud.createCluster({ identifier: 'control', secret: 'lockstep/control', databases: ['control'] });
  await it.sql('control', 'control', 'CREATE TABLE tenants (cluster text, database name, labels jsonb, note text)');
});

// These tests tell one story, in this order, of the same clusters.
describe('a fleet found by tags', () => {
  test('is brought up to date, database by database, with its labels', async () => {
    const result = await it.run('tags', items);
    expect(outcome(result)).toEqual({
      failure: null,
      databases: ['orders-1/acme applied', 'orders-1/globex applied', 'orders-2/umbrella applied'],
    });
    expect(await json('tags', result.run, 'fleet')).toMatchObject([
      { cluster: 'orders-1', labels: { tier: 'gold' }, databases: ['acme', 'globex'], problems: [] },
      { cluster: 'orders-2', labels: {}, databases: ['umbrella'], problems: [] },
    ]);
  });

  test('is reached by its tags only: by another name in the same bounds no SQL is sent', async () => {
    const seen: string[] = [];
    const end = it.deployed.cloud.onDecision(({ action, resource, reason }) => {
      if (action === 'rds-data:ExecuteStatement') seen.push(`${resource.split(':').at(-1)} ${reason ?? 'allowed'}`);
    });
    const { roles, createRole } = it.deployed.cloud;
    const [inspecting] = roles.all().filter(({ name }) => /^tags-MigrationsInspectCluster/.test(name));
    // What the function may do, in the hands of somebody else.
    const credentials = createRole({ name: 'as-inspecting', statements: roles.statements(inspecting!.name) }).session(
      'x',
    );
    const data = new RDSDataClient({ ...at(), credentials });
    await it.deployed.cloud.createCluster({
      identifier: 'orders-3',
      secret: 'lockstep/orders-3',
      databases: ['soylent'],
    });
    const look = (cluster: string) =>
      data.send(
        new ExecuteStatementCommand({
          ...{ resourceArn: arn(cluster), secretArn: `lockstep/${cluster}`, database: 'postgres', sql: 'SELECT 1' },
        }),
      );
    await look('orders-1');
    await expect(look('orders-3')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    end();
    expect(seen).toEqual(['orders-1 allowed', 'orders-3 no allow']);
  });

  test('leaves out what can not be worked on, and says so, where it is told to', async () => {
    await tag('orders-3', {
      service: 'orders',
      'lockstep:databases': 'soylent',
      'lockstep:secret': 'lockstep/orders-3',
    });
    await rds().send(new DisableHttpEndpointCommand({ ResourceArn: arn('orders-3') }));
    const result = await it.run('tags', items);
    expect(outcome(result)).toEqual({
      failure: null,
      databases: ['orders-1/acme null', 'orders-1/globex null', 'orders-2/umbrella null'],
    });
    const told = [{ cluster: 'orders-3', problems: [expect.stringContaining('has its Data API switched off')] }];
    expect(result.unfit).toEqual(told);
    expect(await json('tags', result.run, 'plan')).toMatchObject({ unfit: told });
    expect(await json('tags', result.run, 'report')).toMatchObject({ unfit: told });
  });
});

describe('a fleet that asks its clusters for their databases', () => {
  test('is refused as long as one of them can not be worked on', async () => {
    const { failure } = await it.run('all', items);
    expect(failure).toMatchObject({ error: 'PlanRefused' });
    expect(failure?.cause).toContain(
      `orders-3: has its Data API switched off. Switch it on: aws rds enable-http-endpoint --resource-arn ${arn('orders-3')}`,
    );
  });

  test('names those that nobody has named, and lets a database with a strange name stop it', async () => {
    await rds().send(new EnableHttpEndpointCommand({ ResourceArn: arn('orders-3') }));
    await rds().send(
      new RemoveTagsFromResourceCommand({ ResourceName: arn('orders-3'), TagKeys: ['lockstep:databases'] }),
    );
    await it.sql('orders-3', 'postgres', 'CREATE DATABASE "it\'s; --"');
    const refused = await it.run('all', items);
    expect(refused.failure).toMatchObject({ error: 'PlanRefused' });
    expect(refused.failure?.cause).toContain('orders-3: its database "it\'s; --" has a name that can\'t be taken');
    await it.sql('orders-3', 'postgres', 'DROP DATABASE "it\'s; --"');
    expect(outcome(await it.run('all', items))).toEqual({
      failure: null,
      databases: [
        ...['orders-1/acme null', 'orders-1/globex null', 'orders-2/umbrella null'],
        'orders-3/soylent applied',
      ],
    });
  });
});

describe('a fleet in a table', () => {
  test('is read from its items', async () => {
    await put({
      tenant: 'initech',
      cluster: 'orders-1',
      secret: 'lockstep/orders-1',
      database: 'initech',
      labels: { tier: 'free' },
    });
    await put({ tenant: 'umbrella', cluster: 'orders-2', databases: new Set(['umbrella']) });
    const result = await it.run('table', items);
    expect(outcome(result)).toEqual({
      failure: null,
      databases: ['orders-1/initech applied', 'orders-2/umbrella null'],
    });
    expect(await json('table', result.run, 'fleet')).toMatchObject([
      { cluster: 'orders-1', databaseLabels: { initech: { tier: 'free' } } },
      { cluster: 'orders-2', databases: ['umbrella'] },
    ]);
  });

  test('is known to the command line, too', async () => {
    const { told } = await history('table');
    expect(told.databases).toMatchObject([
      { cluster: 'orders-1', database: 'initech' },
      { cluster: 'orders-2', database: 'umbrella' },
    ]);
  });

  test('that contradicts itself is refused, and every contradiction named', async () => {
    await put({ tenant: 'twice', cluster: 'orders-1', secret: 'lockstep/orders-1', database: 'initech' });
    await put({ tenant: 'lost', cluster: 'orders-9', secret: 'lockstep/orders-9', database: 'lost' });
    await put({ tenant: 'far', cluster: 'control', secret: 'lockstep/control', database: 'control' });
    const { failure } = await it.run('table', items);
    expect(failure).toMatchObject({ error: 'PlanRefused' });
    for (const problem of [
      'the database orders-1/initech stands there, and before in',
      'orders-9: there is no such cluster in this account and region',
      'control: is not among what this pipeline may reach (within.clusters: orders-*)',
    ]) {
      expect(failure?.cause).toContain(problem);
    }
    expect(await history('table')).toMatchObject({ exitCode: 1, told: { error: 'FleetUnreadable' } });
  });
});

describe('a fleet that a query answers', () => {
  test('is read in a transaction that changes nothing, however many rows', async () => {
    const insert = (rows: string) => it.sql('control', 'control', `INSERT INTO tenants ${rows}`);
    await insert(`VALUES ('orders-2', 'umbrella', '{"tier": "gold"}', 'x')`);
    await it.sql('orders-2', 'postgres', 'CREATE DATABASE stark');
    await insert(`VALUES ('orders-2', 'stark', NULL, repeat('long ', 100000))`);
    const result = await it.run('query', items);
    expect(outcome(result)).toEqual({
      failure: null,
      databases: ['orders-2/stark applied', 'orders-2/umbrella null'],
    });
    await insert(`SELECT 'orders-2', 'x;' || n, NULL, NULL FROM generate_series(1, 250) n`);
    const { failure } = await it.run('query', items);
    expect(failure?.cause).toMatch(/row 3 \(cluster "orders-2", database "x;1"\)(.|\n)*… and 200 more$/);
  });

  test('that fails ends the run before anything is touched', async () => {
    await it.sql('control', 'control', 'DROP TABLE tenants');
    const { failure } = await it.run('query', items);
    expect(failure).toEqual({
      error: 'FleetUnreadable',
      cause:
        'The fleet can\'t be read from the query on control/control; nothing was touched. relation "tenants" does not exist',
    });
    expect(await it.leaseOwner('query')).toBeUndefined();
  });

  test('can not write', async () => {
    const sql = (text: string) => it.sql('control', 'control', text);
    await sql('CREATE TABLE written (n int)');
    await sql(
      `CREATE FUNCTION sneak() RETURNS text LANGUAGE sql AS 'INSERT INTO written VALUES (1); SELECT ''orders-1''::text'`,
    );
    await sql(`CREATE VIEW tenants AS SELECT sneak() AS cluster, 'acme' AS database, NULL AS labels, NULL AS note`);
    const { failure } = await it.run('query', items);
    expect(failure).toMatchObject({
      error: 'FleetUnreadable',
      cause: expect.stringContaining('read-only transaction'),
    });
    expect(await sql('SELECT count(*) FROM written')).toBe(0);
  });
});
