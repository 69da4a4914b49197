import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  ListTagsForResourceCommand,
  paginateDescribeDBClusterSnapshots,
  RDSClient,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { startServer } from '../../../lib/local/postgres/server.ts';
import { snapshotFolder } from '../../../lib/local/rds/context.ts';
import { rds } from '../../../lib/local/rds/rds.ts';
import { serving } from './serving.ts';

const clock = virtualClock();
const secrets = new Map([['secret:one', '{"username":"clerk","password":"first"}']]);
let directory: string;
let control: ReturnType<typeof rds>;
let sdk: RDSClient;
let close: () => Promise<void>;

const open = () =>
  rds({
    place: { partition: 'aws', region: 'eu-central-1', account: '123456789012' },
    clock,
    directory,
    secrets: { value: async (id) => secrets.get(id) },
    snapshotMilliseconds: 60_000,
    quotas: { manualClusterSnapshots: 25 },
  });
const arn = 'arn:aws:rds:eu-central-1:123456789012:cluster:orders';
const cluster = {
  identifier: 'orders',
  databases: ['shop', 'shop_eu'],
  secretArn: 'secret:one',
  tags: { team: 'till' },
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  control = open();
  await control.createCluster(cluster);
  const served = await serving({ rds: (request) => control.service(request) });
  sdk = new RDSClient(served.client);
  close = served.close;
});
afterAll(async () => {
  sdk.destroy();
  await close();
  await control.stop();
  await rm(directory, { recursive: true, force: true });
});

const query = async (sql: string, database = 'shop') => {
  const port = control.cluster('orders')!.port!;
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    ...JSON.parse(secrets.get('secret:one')!),
    user: 'clerk',
    database,
  });
  await client.connect();
  const { rows } = await client.query({ text: sql, rowMode: 'array' }).finally(() => client.end());
  return rows;
};

describe('a cluster', () => {
  test('is described as Aurora PostgreSQL', async () => {
    const { DBClusters } = await sdk.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'Orders' }));
    expect(DBClusters).toMatchObject([
      {
        DBClusterIdentifier: 'orders',
        DBClusterArn: arn,
        Status: 'available',
        Engine: 'aurora-postgresql',
        EngineVersion: '17.9',
        HttpEndpointEnabled: false,
        MasterUsername: 'clerk',
        Port: control.cluster(arn)!.port,
        DBClusterMembers: [{ DBInstanceIdentifier: 'orders-writer', IsClusterWriter: true }],
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5 },
        TagList: [{ Key: 'team', Value: 'till' }],
        LatestRestorableTime: clock.now(),
      },
    ]);
    expect(DBClusters![0]!.DbClusterResourceId).toMatch(/^cluster-[A-Z0-9]{26}$/);
  });

  test('is found by its ARN and by filters', async () => {
    const found = async (input: object) => (await sdk.send(new DescribeDBClustersCommand(input))).DBClusters?.length;
    expect(await found({ DBClusterIdentifier: arn })).toBe(1);
    expect(await found({ Filters: [{ Name: 'db-cluster-id', Values: ['other', arn] }] })).toBe(1);
    expect(await found({ Filters: [{ Name: 'db-cluster-id', Values: ['other'] }] })).toBe(0);
    await expect(found({ Filters: [{ Name: 'colour', Values: ['red'] }] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('that does not exist is a fault of its own', async () => {
    await expect(sdk.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'nope' }))).rejects.toMatchObject({
      name: 'DBClusterNotFoundFault',
      message: 'DBCluster nope not found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('has a master who owns its databases and is no superuser', async () => {
    expect(
      await query(`SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user`),
    ).toEqual([[false, true, true]]);
    expect(
      await query(
        `SELECT pg_has_role('rds_superuser', 'MEMBER'), pg_has_role('pg_signal_backend', 'USAGE'), pg_has_role('pg_monitor', 'USAGE')`,
      ),
    ).toEqual([[true, true, true]]);
    expect(await query(`SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = 'clerk' ORDER BY 1`)).toEqual([
      ['postgres'],
      ['shop'],
      ['shop_eu'],
    ]);
    await expect(query('ALTER SYSTEM SET work_mem = 1')).rejects.toMatchObject({ code: '42501' });
  });

  test('keeps its data, takes a new password and gains a database when it is made again', async () => {
    await query('CREATE TABLE IF NOT EXISTS kept (id int)');
    secrets.set('secret:one', '{"username":"clerk","password":"second"}');
    await control.createCluster({ ...cluster, databases: ['shop', 'shop_us'] });
    expect(await query(`SELECT to_regclass('kept')::text`)).toEqual([['kept']]);
    expect(await query('SELECT current_database()', 'shop_us')).toEqual([['shop_us']]);
    expect(control.cluster('orders')!.databases).toEqual(['shop', 'shop_eu', 'shop_us']);
  });

  test.each([
    ['InvalidClusterIdentifier', { ...cluster, identifier: 'two--hyphens' }],
    ['EngineVersionUnavailable', { ...cluster, identifier: 'old', engineVersion: '16.4' }],
    ['MasterSecretUnusable', { ...cluster, identifier: 'poor', secretArn: 'secret:none' }],
  ])('is refused with %s where it can not be made', async (name, options) => {
    await expect(control.createCluster(options)).rejects.toMatchObject({ name });
    expect(control.cluster(options.identifier)).toBeUndefined();
  });

  test('answers the Data API once that is enabled', async () => {
    expect(await sdk.send(new EnableHttpEndpointCommand({ ResourceArn: arn }))).toMatchObject({
      ResourceArn: arn,
      HttpEndpointEnabled: true,
    });
    expect(control.cluster(arn)!.httpEndpointEnabled).toBe(true);
    expect(await sdk.send(new DisableHttpEndpointCommand({ ResourceArn: arn }))).toMatchObject({
      HttpEndpointEnabled: false,
    });
    await expect(sdk.send(new EnableHttpEndpointCommand({ ResourceArn: `${arn}x` }))).rejects.toMatchObject({
      name: 'ResourceNotFoundFault',
    });
  });
});

describe('a snapshot', () => {
  const create = (name: string, from = 'orders') =>
    sdk.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterSnapshotIdentifier: name,
        DBClusterIdentifier: from,
        Tags: [{ Key: 'run', Value: '7' }],
      }),
    );
  const describeOne = async (name: string) =>
    (await sdk.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name })))
      .DBClusterSnapshots![0]!;
  const remove = (name: string) => sdk.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name }));

  test('is creating first and available by the clock', async () => {
    const { DBClusterSnapshot } = await create('Before-1');
    expect(DBClusterSnapshot).toMatchObject({
      DBClusterSnapshotIdentifier: 'before-1',
      DBClusterSnapshotArn: 'arn:aws:rds:eu-central-1:123456789012:cluster-snapshot:before-1',
      DBClusterIdentifier: 'orders',
      Status: 'creating',
      PercentProgress: 0,
      SnapshotType: 'manual',
      SnapshotCreateTime: clock.now(),
      TagList: [{ Key: 'run', Value: '7' }],
    });
    await expect(remove('before-1')).rejects.toMatchObject({ name: 'InvalidDBClusterSnapshotStateFault' });
    await clock.sleep(30_000);
    expect(await describeOne('before-1')).toMatchObject({ Status: 'creating', PercentProgress: 50 });
    await clock.sleep(30_000);
    expect(await describeOne('before-1')).toMatchObject({ Status: 'available', PercentProgress: 100 });
  });

  test('holds the data as it was, though writers never stopped', async () => {
    await query('CREATE TABLE ticks (n bigint GENERATED ALWAYS AS IDENTITY, pad text)');
    let writing = true;
    const writer = (async () => {
      while (writing) await query(`INSERT INTO ticks (pad) SELECT repeat('x', 500) FROM generate_series(1, 500)`);
    })();
    await create('under-load');
    const [[after]] = (await query('SELECT max(n) FROM ticks')) as [[string]];
    await query('CREATE TABLE later ()');
    writing = false;
    await writer;

    const copy = join(directory, 'restored');
    await mkdir(copy);
    await cp(snapshotFolder(directory, 'under-load'), copy, { recursive: true, preserveTimestamps: true });
    const restored = await startServer({ directory: copy });
    const client = await restored.connect('shop');
    const { rows } = await client
      .query(
        `SELECT max(n) <= ${after} AS older, count(*) = max(n) AS gapless, to_regclass('later') IS NULL AS nothing_later FROM ticks`,
      )
      .finally(() => client.end());
    await restored.stop();
    expect(rows).toEqual([{ older: true, gapless: true, nothing_later: true }]);
  });

  test.each([
    ['DBClusterSnapshotAlreadyExistsFault', 'before-1', 'orders', 400],
    ['DBClusterNotFoundFault', 'fresh', 'nope', 404],
    ['InvalidParameterValue', '1st', 'orders', 400],
    ['InvalidParameterValue', 'two--hyphens', 'orders', 400],
    ['InvalidParameterValue', 'ends-', 'orders', 400],
    ['InvalidParameterValue', `a${'b'.repeat(63)}`, 'orders', 400],
  ])('is refused with %s as %s of %s', async (name, snapshot, from, status) => {
    await expect(create(snapshot, from)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  });

  test('is listed by cluster, type and page', async () => {
    for (let n = 10; n < 31; n += 1) await create(`page-${n}`);
    const pages: string[][] = [];
    for await (const { DBClusterSnapshots } of paginateDescribeDBClusterSnapshots(
      { client: sdk, pageSize: 20 },
      { DBClusterIdentifier: 'orders' },
    )) {
      pages.push(DBClusterSnapshots!.map((it) => it.DBClusterSnapshotIdentifier!));
    }
    expect(pages.map((page) => page.length)).toEqual([20, 3]);
    expect(new Set(pages.flat()).size).toBe(23);
    const automated = await sdk.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'automated' }));
    expect(automated.DBClusterSnapshots).toEqual([]);
    await expect(sdk.send(new DescribeDBClusterSnapshotsCommand({ MaxRecords: 5 }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('beyond the quota is refused, and fits again after another is deleted', async () => {
    await create('quota-1');
    await create('quota-2');
    await expect(create('quota-3')).rejects.toMatchObject({
      name: 'SnapshotQuotaExceededFault',
      $metadata: { httpStatusCode: 400 },
    });
    await clock.sleep(60_000);
    expect((await remove('quota-2')).DBClusterSnapshot).toMatchObject({ Status: 'deleted' });
    await create('quota-3');
  });

  test('that is gone is a fault of its own', async () => {
    await expect(describeOne('quota-2')).rejects.toMatchObject({
      name: 'DBClusterSnapshotNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(remove('quota-2')).rejects.toMatchObject({ name: 'DBClusterSnapshotNotFoundFault' });
  });
});

describe('tags', () => {
  test('are added, replaced, listed and removed', async () => {
    const resource = { ResourceName: arn };
    await sdk.send(
      new AddTagsToResourceCommand({
        ...resource,
        Tags: [
          { Key: 'team', Value: 'shelf' },
          { Key: 'tier', Value: 'gold @ 1+1=2' },
        ],
      }),
    );
    const list = async () => (await sdk.send(new ListTagsForResourceCommand(resource))).TagList;
    expect(await list()).toEqual([
      { Key: 'team', Value: 'shelf' },
      { Key: 'tier', Value: 'gold @ 1+1=2' },
    ]);
    await sdk.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['tier', 'none'] }));
    expect(await list()).toEqual([{ Key: 'team', Value: 'shelf' }]);
  });

  test('with a reserved prefix or for nothing are refused', async () => {
    await expect(
      sdk.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: 'aws:x', Value: '' }] })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(sdk.send(new ListTagsForResourceCommand({ ResourceName: `${arn}x` }))).rejects.toMatchObject({
      name: 'DBClusterNotFoundFault',
    });
  });
});

test('what the local RDS does not do, it says', async () => {
  await expect(
    sdk.send(new CreateDBClusterCommand({ DBClusterIdentifier: 'x', Engine: 'aurora-postgresql' })),
  ).rejects.toMatchObject({
    name: 'UnsupportedOperation',
    message: expect.stringContaining("doesn't do CreateDBCluster"),
  });
});

test('all of it outlives the process', async () => {
  await control.stop();
  // As a process that died while taking a snapshot would leave it.
  await mkdir(join(directory, 'snapshots', 'half.partial'));
  control = open();
  const { DBClusters } = await sdk.send(new DescribeDBClustersCommand({}));
  expect(DBClusters).toMatchObject([{ Status: 'stopped', TagList: [{ Key: 'team', Value: 'shelf' }] }]);
  const snapshot = { DBClusterSnapshotIdentifier: 'too-early', DBClusterIdentifier: 'orders' };
  await expect(sdk.send(new CreateDBClusterSnapshotCommand(snapshot))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
  await expect(readFile(join(directory, 'snapshots', 'half.partial', 'x'))).rejects.toMatchObject({ code: 'ENOENT' });

  await control.createCluster({ identifier: 'orders', databases: [], secretArn: 'secret:one' });
  expect(await query(`SELECT to_regclass('kept')::text`)).toEqual([['kept']]);
  const { DBClusterSnapshots } = await sdk.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'before-1' }),
  );
  expect(DBClusterSnapshots).toMatchObject([{ Status: 'available', TagList: [{ Key: 'run', Value: '7' }] }]);
});

test('a state of another format is refused by name', async () => {
  const other = await mkdtemp(join(directory, 'state-'));
  await writeFile(join(other, 'rds.json'), '{"format": 2}');
  expect(() =>
    rds({
      place: { partition: 'aws', region: 'x', account: '1' },
      clock,
      directory: other,
      secrets: { value: async () => undefined },
    }),
  ).toThrow(expect.objectContaining({ name: 'UnreadableState' }));
});
