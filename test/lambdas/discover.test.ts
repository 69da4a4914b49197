import { type DBCluster, DescribeDBClustersCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { BeginTransactionCommand, ExecuteStatementCommand, RollbackTransactionCommand } from '@aws-sdk/client-rds-data';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../fleet/samples.ts';
import { awsError, dataApi, mocks, statements, step } from './harness.ts';

const { opened } = step('discover', { FLEET_BUCKET: 'assets', FLEET_KEY: 'fleet.json' }, { remaining: 80_000 });
const registry = mockClient(DynamoDBDocumentClient);

const within = { clusters: ['orders-*'], secrets: ['lockstep/*', 'rds!cluster-*'] };
const arn = (cluster: string) => `arn:aws:rds:eu-west-1:111111111111:cluster:${cluster}`;

const described = (name: string, more: DBCluster = {}, tags: Record<string, string> = {}): DBCluster => ({
  ...{ DBClusterIdentifier: name, DBClusterArn: arn(name), Status: 'available', HttpEndpointEnabled: true },
  ...{ Engine: 'aurora-postgresql', EngineVersion: '17.4' },
  DBClusterMembers: [{ DBInstanceIdentifier: `${name}-1`, IsClusterWriter: true }],
  TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...more,
});

const account = (...clusters: DBCluster[]) => {
  mocks.rds.on(DescribeDBClustersCommand).resolves({ DBClusters: clusters });
  mocks.rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [] });
};

const discovered = async (source: unknown) => {
  const { invoke, json } = await opened({ 'fleet.json': JSON.stringify(source) });
  const answer = await invoke({ run: run() });
  return { answer, fleet: json('runs/run-1/fleet.json'), ...json('runs/run-1/discovery.json') };
};

const found = (cluster: string, databases: string[], more: object = {}) => ({
  ...{ cluster, clusterArn: arn(cluster), secretArn: `lockstep/${cluster}`, databases },
  ...{ labels: {}, databaseLabels: {}, problems: [] },
  ...more,
});

beforeEach(() => {
  registry.reset();
  registry.onAnyCommand().rejects(new Error('this test did not expect that call'));
});

describe('a list', () => {
  const list = [
    { cluster: 'orders-2', secret: 'lockstep/orders-2', databases: ['initech'] },
    {
      ...{ cluster: 'orders-1', secret: 'lockstep/orders-1', labels: { tier: 'gold' } },
      databases: ['globex', { name: 'acme', labels: { region: 'eu' } }],
    },
  ];

  it('is written down for the run, in its order, after one look at the account', async () => {
    account(described('orders-1'), described('orders-2'), described('billing'));
    const { answer, fleet, problems } = await discovered(list);
    expect(answer).toEqual({ clusters: 2, databases: 3, unfit: 0, problems: 0 });
    expect(problems).toEqual([]);
    expect(fleet).toEqual([
      found('orders-2', ['initech']),
      found('orders-1', ['globex', 'acme'], { labels: { tier: 'gold' }, databaseLabels: { acme: { region: 'eu' } } }),
    ]);
    expect(mocks.rds.calls()).toHaveLength(2);
    expect(statements()).toEqual([]);
  });

  it('is looked up page by page, and what can not be worked on is told of', async () => {
    mocks.rds
      .on(DescribeDBClustersCommand)
      .resolvesOnce({ DBClusters: [described('orders-1', { HttpEndpointEnabled: false })], Marker: 'm' })
      .resolvesOnce({ DBClusters: [] });
    mocks.rds
      .on(DescribeDBInstancesCommand)
      .resolvesOnce({ DBInstances: [], Marker: 'n' })
      .resolvesOnce({ DBInstances: [{ DBInstanceIdentifier: 'orders-1-1', DBInstanceClass: 'db.t3.medium' }] });
    const { fleet } = await discovered(list);
    expect(fleet).toMatchObject([
      { cluster: 'orders-2', problems: [expect.stringContaining('there is no such cluster')] },
      {
        cluster: 'orders-1',
        problems: [expect.stringContaining('Data API switched off'), expect.stringContaining('class db.t3.medium')],
      },
    ]);
    expect(mocks.rds.commandCalls(DescribeDBClustersCommand)[1]?.args[0].input).toMatchObject({ Marker: 'm' });
  });

  it('is cut into parts where a cluster has many databases', async () => {
    account(described('orders-1'));
    const databases = Array.from({ length: 401 }, (_, at) => `t${at}`);
    const { answer, fleet } = await discovered([{ cluster: 'orders-1', secret: 'lockstep/orders-1', databases }]);
    expect(answer).toMatchObject({ clusters: 1, databases: 401 });
    expect(fleet.map((it: { databases: string[] }) => it.databases.length)).toEqual([200, 200, 1]);
  });
});

describe('tags', () => {
  const source = { source: 'tags', tags: { service: 'orders', stage: 'prod' }, databases: 'tag', within };
  const prod = { service: 'orders', stage: 'prod' };

  it('tell clusters, secrets, databases and labels', async () => {
    account(
      described(
        'orders-2',
        { MasterUserSecret: { SecretArn: secret('rds!cluster-1') } },
        { ...prod, 'lockstep:databases': 'b' },
      ),
      described(
        'orders-1',
        {},
        {
          ...{ ...prod, 'lockstep:databases': ' globex  acme ', 'lockstep:secret': 'lockstep/orders-1' },
          ...{ 'lockstep:label:tier': 'gold', 'lockstep:label:zone': 'Europe/Berlin' },
        },
      ),
      described('orders-3', {}, { service: 'orders', stage: 'test' }),
      described('orders-4'),
    );
    const { fleet, problems } = await discovered(source);
    expect(problems).toEqual([]);
    expect(fleet).toEqual([
      found('orders-1', ['globex', 'acme'], { labels: { tier: 'gold', zone: 'Europe/Berlin' } }),
      found('orders-2', ['b'], { secretArn: secret('rds!cluster-1') }),
    ]);
  });

  it('that are hostile are told of, and nothing of them goes further', async () => {
    account(
      described('orders-1', {}, { ...prod, 'lockstep:secret': 'lockstep/a', 'lockstep:databases': 'acme x/../y' }),
      described('orders-2', {}, { ...prod, 'lockstep:secret': 'elsewhere/a', 'lockstep:databases': 'acme' }),
      described('billing', {}, { ...prod, 'lockstep:secret': 'lockstep/a', 'lockstep:databases': 'acme' }),
      described('orders-3', {}, { ...prod, 'lockstep:databases': 'acme' }),
    );
    const { fleet, problems } = await discovered(source);
    expect(problems).toEqual([expect.stringContaining('tags of orders-1, database: "x/../y" can\'t be taken')]);
    expect(fleet).toMatchObject([
      { cluster: 'billing', problems: [expect.stringContaining('is not among what this pipeline may reach')] },
      { cluster: 'orders-1', databases: ['acme'], problems: [] },
      { cluster: 'orders-2', problems: [expect.stringContaining('has a secret that is not among')] },
      { cluster: 'orders-3', problems: [expect.stringContaining('has no secret to log in with')] },
    ]);
  });

  it('that nobody carries make no fleet', async () => {
    account(described('orders-1'));
    expect((await discovered(source)).problems).toEqual([
      'The fleet has no cluster: none in this account and region carries service=orders and stage=prod.',
    ]);
  });

  it('may leave it to the cluster which databases it has', async () => {
    account(
      described('orders-1', {}, { ...prod, 'lockstep:secret': 'lockstep/orders-1' }),
      described('orders-2', {}, { ...prod, 'lockstep:secret': 'lockstep/orders-2', 'lockstep:databases': 'only' }),
      described('orders-3', { Status: 'stopped' }, { ...prod, 'lockstep:secret': 'lockstep/orders-3' }),
    );
    dataApi(['acme', 'Mixed', 'globex']);
    const { fleet, problems } = await discovered({ ...source, databases: 'all' });
    expect(fleet).toMatchObject([
      found('orders-1', ['acme', 'globex']),
      found('orders-2', ['only']),
      { cluster: 'orders-3', databases: [], problems: [expect.stringContaining('is stopped')] },
    ]);
    expect(problems).toEqual([
      expect.stringContaining('orders-1: its database "Mixed" has a name that can\'t be taken'),
    ]);
    expect(statements()).toMatchObject([{ resourceArn: arn('orders-1'), database: 'postgres' }]);
  });

  it('make a problem of a cluster that does not tell', async () => {
    account(described('orders-1', {}, { ...prod, 'lockstep:secret': 'lockstep/orders-1' }));
    dataApi(awsError('AccessDeniedException', 'not authorized'));
    const { fleet } = await discovered({ ...source, databases: 'all' });
    expect(fleet).toMatchObject([
      { databases: [], problems: [expect.stringContaining("can't be asked for its databases")] },
    ]);
  });
});

describe('a table', () => {
  const source = { source: 'table', within };

  it('tells by its items, page by page', async () => {
    vi.stubEnv('FLEET_TABLE', 'tenants');
    account(described('orders-1'), described('orders-2', { MasterUserSecret: { SecretArn: secret('rds!cluster-2') } }));
    registry
      .on(ScanCommand)
      .resolvesOnce({
        Items: [{ cluster: 'orders-2', databases: new Set(['b', 'a']), labels: { tier: 'free' } }],
        LastEvaluatedKey: { id: 1 },
      })
      .resolvesOnce({
        Items: [
          { cluster: 'orders-1', secret: 'lockstep/orders-1', database: 'acme', labels: { tenant: 'acme' } },
          { cluster: 'orders-1', secret: 'lockstep/orders-1', database: 'ACME' },
          { id: 'settings' },
        ],
      });
    const { fleet, problems } = await discovered(source);
    expect(fleet).toEqual([
      found('orders-1', ['acme'], { databaseLabels: { acme: { tenant: 'acme' } } }),
      found('orders-2', ['a', 'b'], { secretArn: secret('rds!cluster-2'), labels: { tier: 'free' } }),
    ]);
    expect(problems).toEqual([
      expect.stringContaining('table tenants, item of cluster "orders-1" and database "ACME", database: "ACME"'),
      expect.stringContaining('table tenants, item of cluster undefined, cluster: undefined'),
      expect.stringContaining('table tenants, item of cluster undefined, database: undefined'),
    ]);
    const inputs = registry.commandCalls(ScanCommand).map(({ args: [{ input }] }) => input);
    expect(inputs).toMatchObject([{ TableName: 'tenants' }, { TableName: 'tenants', ExclusiveStartKey: { id: 1 } }]);
  });

  it('that can not be read ends the run', async () => {
    vi.stubEnv('FLEET_TABLE', 'tenants');
    account();
    registry.on(ScanCommand).rejects(awsError('ResourceNotFoundException', 'Requested resource not found'));
    await expect(discovered(source)).rejects.toMatchObject({
      name: 'FleetUnreadable',
      message: expect.stringContaining(
        "can't be read from table tenants; nothing was touched. ResourceNotFoundException",
      ),
    });
  });
});

describe('a query', () => {
  const at = { cluster: 'control', secret: 'lockstep/control', database: 'control' };
  const source = { source: 'query', ...at, sql: 'SELECT * FROM tenants -- all', within };

  const answering = (...pages: (string[] | Error)[]) => {
    mocks.data.on(BeginTransactionCommand).resolves({ transactionId: 'tx' });
    mocks.data.on(RollbackTransactionCommand).resolves({});
    mocks.data.on(ExecuteStatementCommand).callsFake(async ({ sql }) => {
      if (!sql.startsWith('FETCH')) return {};
      const page = pages.shift() ?? [];
      if (page instanceof Error) throw page;
      return { records: page.map((stringValue) => [{ stringValue }]) };
    });
  };
  const row = (more: object) => JSON.stringify({ cluster: 'orders-1', secret: null, labels: null, ...more });

  it('tells by its rows, which are fetched so many at a time in a transaction that changes nothing', async () => {
    const managed = { MasterUserSecret: { SecretArn: secret('rds!cluster-1') } };
    account(described('orders-1', managed));
    const all = Array.from({ length: 100 }, (_, n) => row({ database: `t${String(n).padStart(3, '0')}` }));
    answering(all, [
      row({ database: 'x', labels: '{"tier":"gold"}' }),
      row({ database: 'y', labels: { tier: 'free' } }),
    ]);
    const { fleet, answer } = await discovered(source);
    expect(answer).toEqual({ clusters: 1, databases: 102, unfit: 0, problems: 0 });
    expect(fleet).toMatchObject([{ databaseLabels: { x: { tier: 'gold' }, y: { tier: 'free' } } }]);
    expect(statements().map(({ sql, transactionId }) => [sql?.split('\n')[0]?.slice(0, 40), transactionId])).toEqual([
      ['SET TRANSACTION READ ONLY', 'tx'],
      ['DECLARE fleet NO SCROLL CURSOR FOR SELEC', 'tx'],
      ['FETCH 100 FROM fleet', 'tx'],
      ['FETCH 100 FROM fleet', 'tx'],
    ]);
    expect(statements()[1]?.sql).toContain('FROM (SELECT * FROM tenants -- all\n) AS f');
    expect(mocks.data.commandCalls(RollbackTransactionCommand)).toHaveLength(1);
  });

  it('is told what is wrong with a row, which goes no further', async () => {
    account(described('orders-1'));
    answering([
      row({ database: "a'; --" }),
      `{"cluster": "orders-1", "database": "cut off`,
      row({ database: 'a', labels: 'x' }),
    ]);
    const { fleet, problems } = await discovered(source);
    expect(fleet).toMatchObject([{ cluster: 'orders-1', databases: [] }]);
    expect(problems).toEqual([
      expect.stringContaining(`row 1 (cluster "orders-1", database "a'; --"), database: "a'; --" can't be taken`),
      expect.stringContaining('row 2 (cluster "{\\"cluster\\": '),
      expect.stringContaining('row 2 (cluster "{\\"cluster\\": '),
      expect.stringContaining('row 3 (cluster "orders-1", database "a"), labels: "x" can\'t be taken'),
    ]);
  });

  it('that fails ends the run, and is rolled back', async () => {
    account();
    answering(
      awsError('DatabaseErrorException', 'ERROR: relation "tenants" does not exist; Position: 9; SQLState: 42P01'),
    );
    await expect(discovered(source)).rejects.toMatchObject({
      name: 'FleetUnreadable',
      message:
        'The fleet can\'t be read from the query on control/control; nothing was touched. relation "tenants" does not exist',
    });
    expect(mocks.data.commandCalls(RollbackTransactionCommand)).toHaveLength(1);
  });
});

it.each(['[{"cluster":"A"}]', '{"source":"guess"}', '[]x'])('does not take %s for a fleet', async (text) => {
  const { invoke, json } = await opened({ 'fleet.json': text });
  await expect(invoke({ run: run() })).rejects.toThrow();
  expect(json('runs/run-1/fleet.json')).toBeNull();
});

function secret(name: string): string {
  return `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}-a1B2c3`;
}
