import {
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  RDSClient,
  StartDBClusterCommand,
  StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { describe, expect, test, vi } from 'vitest';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const QUOTA = 12;
const failing = new Set<string>();

const it = stage(
  {},
  {
    app: 'test/e2e/failures',
    rds: {
      quotas: { manualClusterSnapshots: QUOTA },
      snapshotFails: (snapshot) => [...failing].some((cluster) => snapshot.startsWith(`lockstep-${cluster}-`)),
    },
  },
);

const tenants = [1, 2, 3];
const cluster = (environment: string, tenant: number) => `shop-${environment}-${tenant}`;
const arn = (cluster: string) => `arn:aws:rds:us-east-1:000000000000:cluster:${cluster}`;
const sql = (environment: string, tenant: number, text: string) =>
  it.sql(cluster(environment, tenant), `tenant_${tenant}`, text);

/** What somebody else does, whom the rollout knows nothing of. */
const rds = () => {
  const { endpoint, place } = it.deployed.cloud;
  return new RDSClient({
    endpoint,
    region: place.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
};
const deleteSnapshots = async (names: string[]) => {
  for (const name of names) await rds().send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: name }));
};

// The fleet's history grows by a migration with each `next`: each leaves one row.
const files: Record<string, string> = { '1_items.sql': 'CREATE TABLE items (step int NOT NULL);' };
const next = () => {
  const step = Object.keys(files).length + 1;
  files[`${step}_row.sql`] = `INSERT INTO items VALUES (${step});`;
};

const verdicts = ({ databases }: EnvironmentResult) => databases.map(({ verdict }) => verdict);

/** How many migrations a database has, and whether their effects are there once, each. */
const stand = async (environment: string, tenant: number) => ({
  migrations: await sql(environment, tenant, `SELECT count(*) FROM lockstep.history WHERE state = 'applied'`),
  rows: await sql(environment, tenant, 'SELECT count(*) || $$ of $$ || count(DISTINCT step) FROM items'),
});
const allOnce = async (environment: string, which = tenants) => {
  const rows = Object.keys(files).length - 1;
  for (const tenant of which)
    expect(await stand(environment, tenant)).toEqual({ migrations: rows + 1, rows: `${rows} of ${rows}` });
  expect(await it.leaseOwner(environment)).toBeUndefined();
};

// They tell one story, in this order: what a test leaves undone the next run does along with its own.
describe('a fleet that stops at the first failure', () => {
  test('whose canary fails is left alone, without so much as a restore point', async () => {
    await sql('strict', 1, 'CREATE TABLE items (id int)');
    const result = await it.run('strict', files);
    expect(verdicts(result)).toEqual(['failed', 'skipped', 'skipped']);
    expect(result.failure).toEqual({
      error: 'MigrationFailed',
      cause: [
        'Halted: 1 database failed in wave 1 (canary), and 0 may.',
        'shop-strict-1/tenant_1: 1_items.sql:1: statement 1: relation "items" already exists (SQLSTATE 42P07)',
      ].join('\n'),
    });
    expect(await it.snapshots('shop-strict-1')).toHaveLength(1);
    for (const tenant of [2, 3]) {
      expect(await it.snapshots(cluster('strict', tenant))).toEqual([]);
      expect(await sql('strict', tenant, `SELECT count(*) FROM pg_namespace WHERE nspname = 'lockstep'`)).toBe(0);
    }
    expect(await it.leaseOwner('strict')).toBeUndefined();
    await sql('strict', 1, 'DROP TABLE items');
  });

  test('sends no SQL to the cluster in its middle wave that gets no snapshot, nor to any after it', async () => {
    next();
    failing.add('shop-strict-2');
    const result = await it.run('strict', files);
    failing.clear();
    expect(verdicts(result)).toEqual(['applied', 'failed', 'skipped']);
    expect(result.failure?.error).toBe('RestorePointFailed');
    expect(result.failure?.cause).toMatch(
      /^Halted: 1 database failed in wave 2 \(60 %\), and 0 may\.\nshop-strict-2\/tenant_2: RestorePointFailed: shop-strict-2: snapshot lockstep-shop-strict-2-\w+ is failed\. No SQL was sent to the cluster\.$/,
    );
    expect(await sql('strict', 2, `SELECT count(*) FROM pg_namespace WHERE nspname = 'lockstep'`)).toBe(0);
    expect(await it.snapshots('shop-strict-3')).toEqual([]);
    expect(await it.leaseOwner('strict')).toBeUndefined();
  });

  test('waits for a cluster that has paused itself between the plan and its wave, and finishes what was left', async () => {
    const result = await it.run('strict', files, {
      on: ({ event }) => {
        if (event === 'planned') it.deployed.cloud.pauseCluster(arn('shop-strict-3'));
      },
    });
    expect(result.failure).toBeNull();
    expect(verdicts(result)).toEqual([null, 'applied', 'applied']);
    const [, awake, resumed] = result.databases.map(({ dataApiCalls }) => dataApiCalls);
    expect(resumed).toBeGreaterThan(awake!);
    await allOnce('strict');
  });

  test('comes through, with every effect once, where 30 % of the calls to RDS and the Data API are throttled', async () => {
    next();
    // The one call on which the whole run hangs is turned away again and again.
    const quota = [1, 2, 3, 4, 5].map((at) => `rds:DescribeAccountAttributes:before:throttling@${at}`);
    const chance = ['rds', 'rds-data'].map((service) => `${service}:*:before:throttling@30%`);
    const end = it.deployed.cloud.inject(parseFaults([...quota, ...chance, 'seed=5'].join()));
    const result = await it.run('strict', files);
    const struck = end();
    expect(result.failure).toBeNull();
    expect(verdicts(result)).toEqual(['applied', 'applied', 'applied']);
    expect(struck).toBeGreaterThan(8);
    await allOnce('strict');
  });

  test('is not begun with where the quota has no room for a snapshot of each cluster', async () => {
    next();
    const before = await Promise.all(tenants.map((tenant) => it.snapshots(cluster('strict', tenant))));
    const used = before.flat().length;
    const byHand = Array.from({ length: QUOTA - 2 - used }, (_, at) => `by-hand-${at}`);
    for (const name of byHand) await it.takeSnapshot('shop-strict-1', name);
    // Until they are there, which AWS wants of those that are to be deleted.
    await it.clock.sleep(600_000);

    const result = await it.run('strict', files);
    expect(result.failure).toEqual({
      error: 'QuotaShort',
      cause:
        '3 snapshots are needed, one for each cluster in which something is pending, and 2 are left (10 of 12 are used in this account and region); nothing was touched. ' +
        'What fits: restorePoint: RestorePoint.pointInTime(), which needs none; or the quota "Manual DB cluster snapshots" of Amazon RDS raised to 13; or deleting 1 that nobody needs; or a fleet of 2 of these clusters at a time.',
    });
    expect(result.databases).toEqual([]);
    expect(await it.snapshots('shop-strict-2')).toEqual(before[1]);
    expect(await sql('strict', 1, 'SELECT max(step) FROM items')).toBe(Object.keys(files).length - 1);
    expect(await it.leaseOwner('strict')).toBeUndefined();

    await deleteSnapshots(byHand.slice(0, 1));
    expect((await it.run('strict', files)).failure).toBeNull();
    await allOnce('strict');
    // Room for those that come now.
    for (const name of ['shop-strict-1', 'shop-strict-3']) await deleteSnapshots(await it.snapshots(name));
  });
});

describe('a fleet that puts up with a failure', () => {
  const deleteCluster = async (name: string) => {
    await rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: `${name}-writer`, SkipFinalSnapshot: true }));
    await rds().send(new DeleteDBClusterCommand({ DBClusterIdentifier: name, SkipFinalSnapshot: true }));
  };

  test('goes on without a cluster that was deleted between the plan and its wave, and says so', async () => {
    const result = await it.run('lenient', files, {
      on: ({ event }) => {
        if (event === 'planned') void it.clock.busy(deleteCluster('shop-lenient-2'));
      },
    });
    expect(verdicts(result)).toEqual(['applied', 'failed', 'applied']);
    expect(result.failure?.error).toBe('RestorePointFailed');
    expect(result.failure?.cause).toMatch(
      /^shop-lenient-2\/tenant_2: RestorePointFailed: shop-lenient-2: snapshot lockstep-shop-lenient-2-\w+ can not be taken: there is no such cluster\. No SQL was sent to the cluster\.$/,
    );
    expect(await it.leaseOwner('lenient')).toBeUndefined();
  });

  test('leaves it out of the next run, as its policy says, and names it', async () => {
    next();
    const result = await it.run('lenient', files);
    expect(result.failure).toBeNull();
    expect(result.databases.map(({ cluster, verdict }) => `${cluster} ${verdict}`)).toEqual([
      'shop-lenient-1 applied',
      'shop-lenient-3 applied',
    ]);
    const { unfit } = JSON.parse(await it.object('lenient', `runs/${result.run}/report.json`));
    expect(unfit).toEqual([
      { cluster: 'shop-lenient-2', problems: [expect.stringContaining('there is no such cluster')] },
    ]);
    expect(await it.leaseOwner('lenient')).toBeUndefined();
  });

  test('gives a stopped cluster up in time, and does what was left once it is started', async () => {
    next();
    const stopped = { DBClusterIdentifier: 'shop-lenient-3' };
    const result = await it.run('lenient', files, {
      on: ({ event }) => {
        if (event === 'planned') void it.clock.busy(rds().send(new StopDBClusterCommand(stopped)));
      },
    });
    expect(verdicts(result)).toEqual(['applied', 'failed']);
    expect(result.failure?.error).toBe('InvalidDBClusterStateFault');
    expect(result.failure?.cause).toMatch(/^shop-lenient-3\/tenant_3: InvalidDBClusterStateFault: .*\bstopped\b/);
    expect(await it.leaseOwner('lenient')).toBeUndefined();

    await rds().send(new StartDBClusterCommand(stopped));
    const started = await it.run('lenient', files);
    expect(started.failure).toBeNull();
    expect(verdicts(started)).toEqual([null, 'applied']);
    await allOnce('lenient', [1, 3]);
  });
});
