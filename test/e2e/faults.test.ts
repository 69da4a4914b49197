import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test, vi } from 'vitest';
import { type FaultPlan, parseFaults } from '../../lib/local/faults/plan.ts';
import { firstWave, invoke, recordOf } from './intruder.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({ clusters: 1, databases: 2 });
const cluster = 'orders-staging-1';
const databases = ['tenant_0001', 'tenant_0002'];

// One environment whose history grows by two migrations with each test: one in a transaction, one outside.
const files: Record<string, string> = { '0001_items.sql': 'CREATE TABLE items (step int NOT NULL, at int NOT NULL);' };
let step = 1;
const nextFiles = () => {
  step += 2;
  const [inside, outside] = [step - 1, step].map((number) => String(number).padStart(4, '0'));
  files[`${inside}_rows.sql`] = `INSERT INTO items SELECT ${step}, generate_series(1, 3);`;
  files[`${outside}_index.sql`] = `CREATE INDEX CONCURRENTLY items_${step} ON items (at) WHERE step = ${step};`;
  return { ...files };
};

const injected = async <Result>(plan: FaultPlan | string, work: () => Promise<Result>) => {
  const end = it.deployed.cloud.inject(typeof plan === 'string' ? parseFaults(plan) : plan);
  // Whoever died with a statement in the air is waited for by the database's clock, which no test can turn.
  const aging = setInterval(() => {
    for (const database of databases) it.sql(cluster, database, DEADLINES_OVER).catch(() => {});
  }, 400);
  try {
    const result = await work();
    return { result, struck: end() };
  } finally {
    clearInterval(aging);
    end();
  }
};

const DEADLINES_OVER = `UPDATE lockstep.history SET intent = jsonb_set(intent, '{deadline}', to_jsonb(now() - interval '1 second'))
  WHERE (intent ->> 'deadline')::timestamptz > now() - interval '1 second'`;

/** Every effect once, in every database, and the environment free for the next run. */
const allOnce = async () => {
  for (const database of databases) {
    const rows = await it.sql(cluster, database, `SELECT count(*) FROM items WHERE step = ${step}`);
    const index = await it.sql(
      cluster,
      database,
      `SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = to_regclass('items_${step}')`,
    );
    expect({ database, rows, index }).toEqual({ database, rows: 3, index: 1 });
    expect(await it.sql(cluster, database, 'SELECT count(*) FROM pg_index WHERE NOT indisvalid')).toBe(0);
  }
  expect(await it.leaseOwner('staging')).toBeUndefined();
};

const call = 'rds-data:ExecuteStatement';

describe('a run succeeds, with every effect once,', () => {
  test('when nothing goes wrong', async () => {
    expect(await it.run('staging', nextFiles())).toMatchObject({ status: 'SUCCEEDED' });
    await allOnce();
  });

  test.each([
    // Two databases are inspected, then applied to and verified one after the other.
    ['the cluster resumes while it is inspected', `${call}:before:resuming@1,${call}:before:resuming@2`],
    ['the cluster resumes while it is applied to', [3, 4, 6, 9].map((at) => `${call}:before:resuming@${at}`).join()],
    ['the cluster resumes while it is verified', [7, 8, 11, 12].map((at) => `${call}:before:resuming@${at}`).join()],
    ['a third of all calls to the database is throttled', 'rds-data:*:before:throttling@30%,seed=7'],
    ['answers are lost', `${call}:after:reset@30%,seed=1`],
    ['requests are lost', `${call}:before:reset@30%,seed=2`],
    ['the service has internal errors behind its back', `${call}:after:500@30%,seed=3`],
    ['the service is unavailable now and then', `${call}:before:503@40%,seed=4`],
    ['the writer is gone now and then', `${call}:after:504@30%,seed=5`],
    ['calls are slow', `${call}:before:latency=300ms@25%,seed=8`],
    ['all steps are delivered twice', 'lambda:Invoke:after:reset@/2'],
    ['steps do not come to run at first', 'lambda:Invoke:before:throttling@/2'],
    ['functions die before they answer', 'lambda:Invoke:after:crash@/3'],
  ])('when %s', async (_, faults) => {
    const { result, struck } = await injected(faults, () => it.run('staging', nextFiles()));
    expect(result.failure).toBeNull();
    expect(struck).toBeGreaterThan(0);
    await allOnce();
  });

  test('when answers take longer than anybody waits', async () => {
    const plan = { ...parseFaults(`${call}:after:timeout@25%,seed=6`), holdMilliseconds: 50 };
    const { result, struck } = await injected(plan, () => it.run('staging', nextFiles()));
    expect(result.failure).toBeNull();
    expect(struck).toBeGreaterThan(0);
    await allOnce();
  });

  test.each([3, 4, 5, 6].flatMap((at) => [`before:crash@${at}`, `after:crash@${at}`]))(
    'when a function is killed at a call: %s',
    async (fault) => {
      const { result, struck } = await injected(`${call}:${fault}`, () => it.run('staging', nextFiles()));
      expect(result.failure).toBeNull();
      expect(struck).toBe(1);
      await allOnce();
    },
  );
});

describe('a secret that is rotated', () => {
  const put = async (password: string) => {
    const { endpoint, place } = it.deployed.cloud;
    const client = new SecretsManagerClient({
      ...{ endpoint, region: place.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const SecretString = JSON.stringify({ username: 'migrator', password });
    await client.send(new PutSecretValueCommand({ SecretId: `lockstep/${cluster}`, SecretString }));
  };
  const alter = async (password: string) => {
    await it.sql(cluster, databases[0]!, `ALTER ROLE migrator PASSWORD '${password}'`);
    await it.sql(cluster, databases[0]!, OTHERS_GONE).catch(() => {});
  };
  const OTHERS_GONE = 'SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = current_user';

  test('between two runs is taken from then on', async () => {
    await alter('second');
    await put('second');
    expect(await it.run('staging', nextFiles())).toMatchObject({ status: 'SUCCEEDED' });
    await allOnce();
  });

  test('in the database first has the run refused before anything is touched, and the next one goes on', async () => {
    await alter('third');
    const refused = await it.run('staging', nextFiles());
    expect(refused.failure?.error).toBe('PlanRefused');
    expect(refused.failure?.cause).toMatch(/orders-staging-1\/tenant_0001: .*password authentication failed/);
    expect(await it.leaseOwner('staging')).toBeUndefined();
    await put('third');
    expect(await it.run('staging', files)).toMatchObject({ status: 'SUCCEEDED' });
    await allOnce();
  });
});

describe('somebody else at work on the same databases', () => {
  test('with the very same step changes nothing, however often it is delivered at once', async () => {
    const { result } = await injected({ faults: [] }, async () => {
      const running = it.runAs('delivered-often', 'staging', nextFiles());
      const items = await firstWave(it, 'staging', 'delivered-often');
      const outcomes = await Promise.all(
        items.flatMap((item) => [1, 2, 3].map(() => it.clock.busy(invoke(it, 'Apply', item)))),
      );
      return { outcomes, report: await running };
    });
    expect(result.outcomes).toHaveLength(6);
    for (const { state } of result.outcomes) expect(state).toMatch(/^(applied|running)$/);
    expect(result.report.failure).toBeNull();
    await allOnce();
  });

  test('whose lease was taken over is turned away by the databases, and says so', async () => {
    const [old] = await firstWave(it, 'staging', 'delivered-often');
    const database = old!.database.database;
    await it.runAs('new-owner', 'staging', nextFiles());
    const { digest } = (await recordOf(it, 'staging', 'new-owner', 'RUN'))!;
    const state = await it.sql(cluster, database, STATE);
    // One that had begun: a run that has lost the lease begins with no other database.
    const late = { ...old!, retries: 1, run: { ...old!.run, digest } };
    expect(await invoke(it, 'Apply', late)).toMatchObject({ state: 'failed' });
    expect(await it.sql(cluster, database, STATE)).toBe(state);
    expect(await recordOf(it, 'staging', 'delivered-often', `DATABASE#${cluster}#${database}`)).toMatchObject({
      ...{ verdict: 'failed', failure: { message: expect.stringMatching(/^Fenced: .*new-owner/) } },
    });
    await allOnce();
  });

  const STATE =
    "SELECT md5(string_agg(h::text, '' ORDER BY migration)) || (SELECT count(*) FROM items) FROM lockstep.history h";
});
