import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  ExecuteSqlCommand,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { LIMITS } from '../../../lib/local/rds-data/limits.ts';
import { parameter, refusal, startCluster, startDataApi } from './harness.ts';

let cluster: Awaited<ReturnType<typeof startCluster>>;
let data: Awaited<ReturnType<typeof startDataApi>>;
const opened: (typeof data)[] = [];
const open = async (options: Parameters<typeof startDataApi>[1]) => {
  const api = await startDataApi(cluster, options);
  opened.push(api);
  return api;
};
beforeAll(async () => {
  cluster = await startCluster();
  data = await startDataApi(cluster);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});
afterAll(async () => {
  await data.close();
  await cluster.stop();
});

test('the limits are those of AWS', () => {
  expect(LIMITS).toMatchObject({
    callTimeoutMilliseconds: 45_000,
    sqlCharacters: 65_536,
    requestBytes: 4_194_304,
    responseBytes: 1_048_576,
    formattedRecordsBytes: 10_000_000,
    transactionIdleMilliseconds: 180_000,
    transactionLifeMilliseconds: 86_400_000,
  });
});

describe('a request', () => {
  test('has SQL of 64 KiB and no more', async () => {
    const sql = (characters: number) => `SELECT 1 --${'x'.repeat(characters - 11)}`;
    expect((await data.execute(sql(65_536))).records).toHaveLength(1);
    expect(await refusal(data.execute(sql(65_537)))).toEqual({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'sql' failed to satisfy constraint: Member must have length less than or equal to 65536",
      status: 400,
    });
  });

  test('has 4 MiB and no more, parameters included', async () => {
    const length = (characters: number) =>
      data.value('SELECT length(:x)', { parameters: [parameter('x', { stringValue: 'x'.repeat(characters) })] });
    expect(await length(4_190_000)).toEqual({ longValue: 4_190_000 });
    expect((await refusal(length(4_194_304))).status).toBe(413);
  });

  test.each([
    ['a schema', { schema: 'public' }, 'ValidationException', "The schema parameter isn't supported"],
    [
      'an ARN that is none',
      { resourceArn: 'short' },
      'ValidationException',
      expect.stringContaining("Value at 'resourceArn'"),
    ],
    ['a NUL character', { sql: 'SELECT 1\0' }, 'ValidationException', expect.stringContaining('U+0000')],
  ])('with %s is refused', async (_, input, name, message) => {
    expect(await refusal(data.execute('SELECT 1', input))).toEqual({ name, message, status: 400 });
  });

  test('of ExecuteSql is refused', async () => {
    const call = new ExecuteSqlCommand({
      dbClusterOrInstanceArn: cluster.arn,
      awsSecretStoreArn: data.common.secretArn,
      sqlStatements: 'SELECT 1',
    });
    expect(await refusal(data.sdk.send(call))).toMatchObject({
      name: 'BadRequestException',
      message: expect.stringContaining("isn't supported"),
    });
  });
});

describe('a response', () => {
  test('has 1 MiB and no more, and a far larger one is stopped on its way', async () => {
    const rows = (count: number) => data.execute(`SELECT repeat('x', 10000) FROM generate_series(1, ${count})`);
    expect((await rows(100)).records).toHaveLength(100);
    const tooMuch = {
      name: 'UnsupportedResultException',
      message: 'The result exceeds the size limit 1 MB',
      status: 400,
    };
    expect(await refusal(rows(105))).toEqual(tooMuch);
    expect(await refusal(data.execute(`SELECT repeat('x', 10000), generate_series(1, 1000000000)`))).toEqual(tooMuch);
    expect(await data.value('SELECT 1')).toEqual({ longValue: 1 });
  });

  test('formatted as JSON has 10 MB', async () => {
    const json = (count: number) =>
      data.execute(`SELECT repeat('x', 10000) AS x FROM generate_series(1, ${count})`, { formatRecordsAs: 'JSON' });
    expect((await json(900)).formattedRecords!.length).toBeGreaterThan(9_000_000);
    expect((await refusal(json(1_001))).name).toBe('BadRequestException');
  });

  test('has rows of 64 KiB, unless that is switched off', async () => {
    const sql = `SELECT repeat('x', 65537)`;
    expect(await refusal(data.execute(sql))).toMatchObject({
      name: 'UnsupportedResultException',
      message: 'Packet for query is too large',
    });
    const without = await open({ switches: { rowBytes: null } });
    expect((await without.value(sql))?.stringValue).toHaveLength(65_537);
  });
});

describe('a call that takes too long', () => {
  test('is cancelled, and what it did is undone', async () => {
    const api = await open({ limits: { callTimeoutMilliseconds: 300 } });
    await api.execute('CREATE TABLE cancelled (n int)');
    const error = await api.execute('INSERT INTO cancelled SELECT 1 FROM pg_sleep(2)').catch((it) => it);
    expect(error).toMatchObject({
      name: 'StatementTimeoutException',
      message: 'Request timed out',
      dbConnectionId: expect.any(Number),
      $metadata: { httpStatusCode: 400 },
    });
    expect(
      await api.value(
        `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO cancelled%' AND state = 'active'`,
      ),
    ).toEqual({ longValue: 0 });
    expect(await api.value('SELECT count(*) FROM cancelled')).toEqual({ longValue: 0 });
  });

  test('goes on with continueAfterTimeout, on a session that nobody else gets', async () => {
    const api = await open({ limits: { callTimeoutMilliseconds: 500, sessionsPerCluster: 2 } });
    await api.execute('CREATE TABLE continued (n int)');
    const started = api.execute('INSERT INTO continued SELECT 1 FROM pg_sleep(2)', { continueAfterTimeout: true });
    const error = await started.catch((it) => it);
    expect(error.name).toBe('StatementTimeoutException');
    const active = `SELECT count(*) FROM pg_stat_activity WHERE pid = ${error.dbConnectionId} AND state = 'active' AND application_name = 'rds-data-api'`;
    expect(await api.value(active)).toEqual({ longValue: 1 });
    expect(await api.value('SELECT count(*) FROM continued')).toEqual({ longValue: 0 });
    const others = await Promise.all([1, 2, 3].map(() => api.value('SELECT pg_backend_pid()')));
    expect(others.map((it) => it?.longValue)).not.toContain(error.dbConnectionId);
    await expect.poll(() => api.value('SELECT count(*) FROM continued'), { timeout: 10_000 }).toEqual({ longValue: 1 });
  });

  test('in the queue for a session never runs', async () => {
    const api = await open({ limits: { callTimeoutMilliseconds: 600, sessionsPerCluster: 1 } });
    await api.execute('CREATE TABLE queued (n int)');
    const first = api.execute('SELECT pg_sleep(2)', { continueAfterTimeout: true });
    const second = refusal(api.execute('INSERT INTO queued VALUES (1)'));
    await refusal(first);
    expect((await second).name).toBe('StatementTimeoutException');
    await expect
      .poll(() => api.value('SELECT count(*) FROM queued').catch(() => undefined), { timeout: 10_000 })
      .toEqual({ longValue: 0 });
  });

  test('can look like an error of the database, where that is switched on', async () => {
    const api = await open({
      limits: { callTimeoutMilliseconds: 200 },
      switches: { timeoutError: 'DatabaseErrorException' },
    });
    expect((await refusal(api.execute('SELECT pg_sleep(2)'))).message).toBe(
      'ERROR: canceling statement due to user request; SQLState: 57014',
    );
  });
});

describe('a batch', () => {
  const batch = (api: typeof data, sql: string, values: number[], transactionId?: string) =>
    api.sdk.send(
      new BatchExecuteStatementCommand({
        ...api.common,
        sql,
        transactionId,
        parameterSets: values.map((n) => [parameter('n', { longValue: n })]),
      }),
    );
  const numbers = () => data.value('SELECT array_agg(n ORDER BY n) FROM batched');
  beforeAll(() => data.execute('CREATE TABLE batched (n int CHECK (n > 0))'));
  afterEach(() => data.execute('TRUNCATE batched'));

  test('runs once for each set of parameters', async () => {
    const { updateResults } = await batch(data, 'INSERT INTO batched VALUES (:n)', [1, 2, 3]);
    expect(updateResults).toEqual([{ generatedFields: [] }, { generatedFields: [] }, { generatedFields: [] }]);
    expect(await numbers()).toEqual({ arrayValue: { longValues: [1, 2, 3] } });
  });

  test('keeps what came before the set that failed, or nothing, as switched', async () => {
    expect((await refusal(batch(data, 'INSERT INTO batched VALUES (:n)', [1, -1, 3]))).message).toContain(
      'SQLState: 23514',
    );
    expect(await numbers()).toEqual({ arrayValue: { longValues: [1] } });
    const atomic = await open({ switches: { batch: 'atomic' } });
    await refusal(batch(atomic, 'INSERT INTO batched VALUES (:n)', [5, -1]));
    expect(await numbers()).toEqual({ arrayValue: { longValues: [1] } });
  });

  test('can be part of a transaction', async () => {
    const { transactionId } = await data.sdk.send(new BeginTransactionCommand(data.common));
    await batch(data, 'INSERT INTO batched VALUES (:n)', [1, 2], transactionId);
    await data.sdk.send(new RollbackTransactionCommand({ ...data.common, transactionId }));
    expect(await numbers()).toEqual({ isNull: true });
  });

  test('has no semicolon at its end and at least one set', async () => {
    expect((await refusal(batch(data, 'INSERT INTO batched VALUES (:n);', [1]))).name).toBe('ValidationException');
    expect((await refusal(batch(data, 'INSERT INTO batched VALUES (1)', []))).name).toBe('ValidationException');
  });

  test('that is late stops before its next set', async () => {
    const api = await open({ limits: { callTimeoutMilliseconds: 400 } });
    expect((await refusal(batch(api, 'INSERT INTO batched SELECT :n FROM pg_sleep(0.3)', [1, 2, 3, 4]))).name).toBe(
      'StatementTimeoutException',
    );
    expect(await numbers()).toEqual({ arrayValue: { longValues: [1] } });
  });
});

describe('a call is refused', () => {
  test.each([
    ['a secret that does not exist', 'none', undefined, 'SecretsErrorException', "The secret none wasn't found"],
    ['a secret that is not JSON', 'text', 'hello', 'InvalidSecretException', expect.stringContaining('has to be JSON')],
    [
      'a secret without a password',
      'half',
      '{"username":"clerk"}',
      'InvalidSecretException',
      expect.stringContaining('has to be JSON'),
    ],
    [
      'a wrong password',
      'wrong',
      '{"username":"clerk","password":"no"}',
      'DatabaseErrorException',
      'ERROR: password authentication failed for user "clerk"; SQLState: 28P01',
    ],
  ])('with %s', async (_, arn, secret, name, message) => {
    if (secret) cluster.secrets.set(arn, secret);
    expect(await refusal(data.execute('SELECT 1', { secretArn: arn }))).toEqual({ name, message, status: 400 });
  });

  test('for a database that does not exist', async () => {
    expect((await refusal(data.execute('SELECT 1', { database: 'nope' }))).message).toBe(
      'ERROR: database "nope" does not exist; SQLState: 3D000',
    );
  });

  test('for a cluster that does not exist, in this letter case', async () => {
    const resourceArn = cluster.arn.replace('orders', 'Orders');
    expect(await refusal(data.execute('SELECT 1', { resourceArn }))).toEqual({
      name: 'HttpEndpointNotEnabledException',
      message: `HttpEndpoint is not enabled for resource ${resourceArn}`,
      status: 400,
    });
  });

  test('for a cluster whose HTTP endpoint is off', async () => {
    await cluster.control.createCluster({
      identifier: 'orders',
      databases: [],
      secretArn: data.common.secretArn,
      httpEndpointEnabled: false,
    });
    expect((await refusal(data.execute('SELECT 1'))).name).toBe('HttpEndpointNotEnabledException');
    await cluster.control.createCluster({
      identifier: 'orders',
      databases: [],
      secretArn: data.common.secretArn,
      httpEndpointEnabled: true,
    });
    expect(await data.value('SELECT 1')).toEqual({ longValue: 1 });
  });

  test('while a paused cluster resumes, or waits for it, as switched', async () => {
    const clock = virtualClock();
    const refusing = await open({ clock });
    refusing.api.pause(cluster.arn);
    expect((await refusal(refusing.execute('SELECT 1'))).name).toBe('DatabaseResumingException');
    await clock.sleep(15_001);
    expect(await refusing.value('SELECT 1')).toEqual({ longValue: 1 });

    const blocking = await open({ limits: { resumeMilliseconds: 50 }, switches: { pausedCluster: 'blocks' } });
    blocking.api.pause(cluster.arn);
    expect(await blocking.value('SELECT 1')).toEqual({ longValue: 1 });
  });
});

describe('open questions have switches', () => {
  test.each([
    ['unusedParameters', 'refused', 'SELECT 1', 'ValidationException'],
    ['nullParameter', 'text', 'SELECT coalesce(:a, 1)', 'DatabaseErrorException'],
    ['commentAfterSemicolon', 'refused', 'SELECT 1; -- done', 'ValidationException'],
    ['semicolonInDollarQuotes', 'refused', 'DO $$ BEGIN NULL; END $$', 'ValidationException'],
    ['voidResult', 'unsupported', 'SELECT pg_sleep(0)', 'UnsupportedResultException'],
  ] as const)('%s: %s', async (name, value, sql, error) => {
    const parameters = [parameter('a', { isNull: true })];
    await data.execute(sql, { parameters });
    const api = await open({ switches: { [name]: value } });
    expect((await refusal(api.execute(sql, { parameters }))).name).toBe(error);
  });

  test('errors can carry their detail', async () => {
    await data.execute('CREATE TABLE once (id int PRIMARY KEY)');
    await data.execute('INSERT INTO once VALUES (1)');
    const api = await open({ switches: { errorDetail: true } });
    expect((await refusal(api.execute('INSERT INTO once VALUES (1)'))).message).toBe(
      'ERROR: duplicate key value violates unique constraint "once_pkey"; Detail: Key (id)=(1) already exists.; SQLState: 23505',
    );
  });
});

test('calls are counted by cluster and operation, refused ones too', async () => {
  const api = await open({});
  await api.execute('SELECT 1');
  await refusal(api.execute('SELEKT'));
  await api.sdk.send(new BeginTransactionCommand(api.common));
  expect(api.api.calls()).toBe(3);
  expect(api.api.calls({ resourceArn: cluster.arn, operation: 'ExecuteStatement' })).toBe(2);
  expect(api.api.calls({ resourceArn: 'another' })).toBe(0);
});

test('a cluster whose server is gone is unavailable', async () => {
  await cluster.control.stop();
  expect(await refusal(data.execute('SELECT 1'))).toMatchObject({ name: 'DatabaseUnavailableException', status: 504 });
});
