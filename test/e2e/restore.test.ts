import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { approvalLink } from '../../lib/cli/decide-by-page.ts';
import { lockstep } from '../helpers/lockstep.ts';
import { approve, stage, staySilent } from './stage.ts';

const it = stage({}, { app: 'test/e2e/going-back' });

const before = {
  '1_orders.sql': `CREATE TABLE orders (id int PRIMARY KEY, customer text NOT NULL, cents bigint NOT NULL);
INSERT INTO orders SELECT n, 'customer ' || n, n * 100 FROM generate_series(1, 1000) n;`,
};
const after = {
  ...before,
  '2_ruin.sql':
    '-- lockstep: loses-rows=orders\nDELETE FROM orders WHERE id % 3 = 0;\nUPDATE orders SET cents = 0;\nALTER TABLE orders DROP COLUMN customer;',
};

/** All rows of a database, in one value. */
const rows = (cluster: string, database: string, secret?: string) =>
  it.sql(cluster, database, "SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM orders o", secret);
const rowsOf = async (cluster: string, secret?: string) => [
  await rows(cluster, 'red', secret),
  await rows(cluster, 'blue', secret),
];

const cluster = async (DBClusterIdentifier: string) => {
  const { endpoint, place } = it.deployed.cloud;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new RDSClient({ endpoint, region: place.region, credentials });
  const { DBClusters } = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier }));
  return DBClusters?.[0];
};

beforeAll(() => {
  for (const [name, value] of Object.entries(it.deployed.cloud.environment())) vi.stubEnv(name, value);
  // Whoever is asked approves; time stands still meanwhile.
  const end = it.deployed.cloud.inbox.on(({ body }) => {
    const link = approvalLink(body, it.pipeline('production').approvalUrl);
    if (link !== undefined) void it.clock.busy(approve(link));
  });
  return () => {
    end();
    vi.unstubAllEnvs();
  };
});

/** Restores by the command, and follows it again where it was left waiting for approval. */
const restore = async (...line: string[]) => {
  let told = '';
  for (;;) {
    const { exitCode, stdout, stderr } = await lockstep('restore', ...line, '--yes', '--json');
    told += stderr;
    if (exitCode !== 3) return { exitCode, stderr: told, result: JSON.parse(stdout) };
  }
};

/** Two runs, of which the second ruins everything; what was there before it. */
const ruined = async (environment: string) => {
  const name = `shop-${environment}`;
  const good = await it.run(environment, before, { answer: staySilent });
  expect(good.failure).toBeNull();
  await it.sql(name, 'red', "INSERT INTO orders VALUES (2000, 'by hand', 1)");
  const was = await rowsOf(name);
  // A moment lasts for a second, and here no time passes by itself; the log is held against the clock where RDS is asked.
  await it.clock.sleep(5_000);
  await cluster(name);
  await it.clock.sleep(5_000);
  const bad = await it.run(environment, after, { answer: staySilent });
  expect(bad.failure).toBeNull();
  const is = await rowsOf(name);
  expect(is).not.toEqual(was);
  return { name, was, is, run: bad.run, secret: `lockstep/${name}` };
};

// One story of one environment.
describe('out of a snapshot', () => {
  let story: Awaited<ReturnType<typeof ruined>>;
  let restored: string;

  test('a new cluster has every row of before the run, and the one that stands there is left alone', async () => {
    story = await ruined('production');
    const { exitCode, result, stderr } = await restore('production', story.run);
    expect({ exitCode, failure: result.failure }).toEqual({ exitCode: 0, failure: null });
    expect(stderr).toContain('What users notice: None');
    expect(result).toMatchObject({ status: 'SUCCEEDED', restores: story.run, swap: false });
    restored = result.clusters[0].restored;
    expect(result.clusters).toMatchObject([{ cluster: story.name, state: 'restored', databases: 2, kept: null }]);
    expect(restored).toMatch(/^lockstep-restored-shop-production-[0-9a-f]{12}$/);
    expect(await rowsOf(restored, story.secret)).toEqual(story.was);
    expect(await rowsOf(story.name)).toEqual(story.is);
    expect(await it.leaseOwner('production')).toBeUndefined();
  });

  test('it is like the old one in all but its name', async () => {
    const [old, fresh] = [await cluster(story.name), await cluster(restored)];
    const alike = (one: typeof old) => ({
      ...{ groups: one?.DBSubnetGroup, parameters: one?.DBClusterParameterGroup, version: one?.EngineVersion },
      ...{ security: one?.VpcSecurityGroups, scaling: one?.ServerlessV2ScalingConfiguration },
      ...{
        protection: one?.DeletionProtection,
        backups: one?.BackupRetentionPeriod,
        dataApi: one?.HttpEndpointEnabled,
      },
      instances: one?.DBClusterMembers?.length,
    });
    expect(alike(fresh)).toEqual(alike(old));
  });

  test('swapped in, it bears the name, the old one is kept and protected, and the next run goes on from there', async () => {
    const { exitCode, result, stderr } = await restore('production', story.run, '--swap');
    expect({ exitCode, failure: result.failure }).toEqual({ exitCode: 0, failure: null });
    expect(stderr).toContain('no cluster that is swapped can be reached by its name');
    const [{ kept }] = result.clusters;
    expect(result.clusters).toMatchObject([{ cluster: story.name, state: 'swapped', restored: story.name }]);
    expect(kept).toMatch(/^shop-production-before-[0-9a-f]{12}$/);
    expect(await rowsOf(story.name)).toEqual(story.was);
    expect(await rowsOf(kept, story.secret)).toEqual(story.is);
    expect(await cluster(kept)).toMatchObject({ DeletionProtection: true, HttpEndpointEnabled: true });
    expect(await cluster(story.name)).toMatchObject({ DeletionProtection: false });
    const repeated = await restore('production', story.run, '--swap');
    expect(repeated).toMatchObject({ exitCode: 0, result });
    expect(repeated.stderr).toContain(`${result.restore} has done just that`);

    const more = { ...before, '2_add.sql': 'ALTER TABLE orders ADD note text;' };
    const again = await it.run('production', more, { answer: staySilent });
    expect(again.failure).toBeNull();
    expect(again.databases.map(({ applied }) => applied)).toEqual([['2'], ['2']]);
  });

  test('what was applied to it since is not taken for what was there before', async () => {
    const { exitCode, result } = await restore('production', story.run, '--swap');
    expect(exitCode).toBe(1);
    expect(result.failure).toMatchObject({ error: 'RestoreDiffers' });
    // Taken up once more; what protects the old one is of the swap, and not of its owners.
    expect(await cluster(story.name)).toMatchObject({ DeletionProtection: false });
    expect(await it.leaseOwner('production')).toBeUndefined();
  });
});

describe('out of the continuous backups', () => {
  test('a new cluster has every row of the moment before the run', async () => {
    const { name, was, is, run, secret } = await ruined('moments');
    const { exitCode, result } = await restore('moments', run);
    expect({ exitCode, failure: result.failure }).toEqual({ exitCode: 0, failure: null });
    expect(await rowsOf(result.clusters[0].restored, secret)).toEqual(was);
    expect(await rowsOf(name)).toEqual(is);
  });
});

describe('out of a clone', () => {
  test('the clone becomes the cluster, swapped in at once', async () => {
    const { name, was, is, run, secret } = await ruined('clones');
    const { exitCode, result } = await restore('clones', run, '--swap');
    expect({ exitCode, failure: result.failure }).toEqual({ exitCode: 0, failure: null });
    expect(await rowsOf(name)).toEqual(was);
    expect(await rowsOf(result.clusters[0].kept, secret)).toEqual(is);
    const tags = (await cluster(name))?.TagList?.map(({ Key }) => Key);
    expect(tags).not.toContain('lockstep:keep-until');
  });
});

describe('what is refused before anything is started', () => {
  test.each([
    ['a run that nobody knows', ['moments', 'never-was'], 2, 'UnknownRun'],
    ['an environment that is not there', ['nowhere', 'run'], 2, 'UnknownEnvironment'],
  ])('%s', async (_, line, code, error) => {
    const { exitCode, stdout } = await lockstep('restore', ...line, '--yes', '--json');
    expect({ exitCode, error: JSON.parse(stdout).error }).toEqual({ exitCode: code, error });
  });
});
