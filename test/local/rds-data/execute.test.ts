import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parameter, refusal, startCluster, startDataApi } from './harness.ts';

let cluster: Awaited<ReturnType<typeof startCluster>>;
let data: Awaited<ReturnType<typeof startDataApi>>;
beforeAll(async () => {
  cluster = await startCluster();
  data = await startDataApi(cluster);
});
afterAll(async () => {
  await data.close();
  await cluster.stop();
});

describe('a statement', () => {
  test('that changes rows answers their number, and no records', async () => {
    const { records, generatedFields, numberOfRecordsUpdated } = await data.execute(
      'CREATE TABLE changed (id serial, note text)',
    );
    expect({ records, generatedFields, numberOfRecordsUpdated }).toEqual({
      records: undefined,
      generatedFields: [],
      numberOfRecordsUpdated: 0,
    });
    expect((await data.execute(`INSERT INTO changed (note) VALUES ('a'), ('b')`)).numberOfRecordsUpdated).toBe(2);
    expect((await data.execute(`UPDATE changed SET note = 'c'`)).numberOfRecordsUpdated).toBe(2);
    const returned = await data.execute(`INSERT INTO changed (note) VALUES ('d') RETURNING id`);
    expect(returned).toMatchObject({ records: [[{ longValue: 3 }]], numberOfRecordsUpdated: 0 });
  });

  test('that yields no rows still has records, unlike one that can not', async () => {
    expect((await data.execute('SELECT 1 WHERE false')).records).toEqual([]);
  });

  test('may end in one semicolon', async () => {
    expect(await data.value('SELECT 1;')).toEqual({ longValue: 1 });
  });

  test('may not be two', async () => {
    expect(await refusal(data.execute('SELECT 1; SELECT 2'))).toEqual({
      name: 'ValidationException',
      message: "Multistatements aren't supported.",
      status: 400,
    });
  });

  test('may hold semicolons in its strings and bodies', async () => {
    await data.execute(`CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 2; END $$`);
    expect(await data.value('SELECT two()')).toEqual({ longValue: 2 });
  });

  test('that only works outside a transaction works', async () => {
    await data.execute('CREATE TABLE big (id int)');
    await data.execute('CREATE INDEX CONCURRENTLY big_id ON big (id)');
    await data.execute('VACUUM big');
    await data.execute('CREATE DATABASE made_here');
    expect(await data.value('SELECT current_database()', { database: 'made_here' })).toEqual({
      stringValue: 'made_here',
    });
  });

  test('may call a procedure that commits', async () => {
    await data.execute('CREATE TABLE steps (n int)');
    await data.execute(`CREATE PROCEDURE steps_twice() LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO steps VALUES (1); COMMIT; INSERT INTO steps VALUES (2); RAISE EXCEPTION 'stop'; END $$`);
    expect((await refusal(data.execute('CALL steps_twice()'))).message).toContain(
      'ERROR: stop; Where: PL/pgSQL function steps_twice()',
    );
    expect(await data.value('SELECT array_agg(n) FROM steps')).toEqual({ arrayValue: { longValues: [1] } });
  });

  test('that copies to or from the client is refused, and the next one works', async () => {
    expect((await refusal(data.execute('COPY big TO STDOUT'))).message).toBe(
      'execute: unexpected message: CopyOutResponse',
    );
    expect((await refusal(data.execute('COPY big FROM STDIN'))).message).toBe(
      'execute: unexpected message: CopyInResponse',
    );
    expect(await data.value('SELECT 1')).toEqual({ longValue: 1 });
  });

  test('without a database goes to the one named like the user', async () => {
    expect((await refusal(data.execute('SELECT 1', { database: undefined }))).message).toBe(
      'ERROR: database "clerk" does not exist; SQLState: 3D000',
    );
  });
});

describe('PostgreSQL errors come in one line', () => {
  test.each([
    [
      'SELECT * FROM no_such_table_xyz',
      'ERROR: relation "no_such_table_xyz" does not exist; Position: 15; SQLState: 42P01',
    ],
    ['SELEKT 1', 'ERROR: syntax error at or near "SELEKT"; Position: 1; SQLState: 42601'],
    [
      `SELECT 1 WHERE 1 = 'a'::text`,
      'ERROR: operator does not exist: integer = text; Hint: No operator matches the given name and argument types. You might need to add explicit type casts.; Position: 18; SQLState: 42883',
    ],
    [
      `INSERT INTO strict VALUES (NULL)`,
      'ERROR: null value in column "name" of relation "strict" violates not-null constraint; SQLState: 23502',
    ],
  ])('%s', async (sql, message) => {
    await data.execute('CREATE TABLE IF NOT EXISTS strict (name text NOT NULL)');
    expect(await refusal(data.execute(sql))).toEqual({ name: 'DatabaseErrorException', message, status: 400 });
  });
});

describe('a parameter', () => {
  test.each([
    ['a string, as text', { stringValue: 'x' }, undefined, 'text'],
    ['a long, as bigint', { longValue: 1 }, undefined, 'bigint'],
    ['a double', { doubleValue: 1.5 }, undefined, 'double precision'],
    ['a boolean', { booleanValue: true }, undefined, 'boolean'],
    ['a blob, as bytea', { blobValue: Buffer.from([0, 255]) }, undefined, 'bytea'],
    ['a uuid', { stringValue: '6f1d3a0e-7c0b-4d41-8c12-5b1f5f1d0a55' }, 'UUID', 'uuid'],
    ['JSON', { stringValue: '{"a":1}' }, 'JSON', 'json'],
    ['a date', { stringValue: '2026-01-31' }, 'DATE', 'date'],
    ['a time', { stringValue: '10:20:30.5' }, 'TIME', 'time without time zone'],
    ['a timestamp', { stringValue: '2026-01-31 10:20:30' }, 'TIMESTAMP', 'timestamp without time zone'],
    ['a decimal', { stringValue: '12.50' }, 'DECIMAL', 'numeric'],
  ] as const)('is %s', async (_, value, hint, type) => {
    const sql = 'SELECT pg_typeof(:value)::text, :value IS NOT NULL';
    const { records } = await data.execute(sql, { parameters: [parameter('value', value as never, hint)] });
    expect(records).toEqual([[{ stringValue: type }, { booleanValue: true }]]);
  });

  test('of a string does not compare with an integer column', async () => {
    const call = data.execute('SELECT 1 FROM changed WHERE id = :id', {
      parameters: [parameter('id', { stringValue: '1' })],
    });
    expect((await refusal(call)).message).toMatch(
      /^ERROR: operator does not exist: integer = text; Hint: .*SQLState: 42883$/,
    );
  });

  test('that is null fits a column of any type', async () => {
    await data.execute('CREATE TABLE nullable (n int)');
    await data.execute('INSERT INTO nullable VALUES (:n)', { parameters: [parameter('n', { isNull: true })] });
    expect(await data.value('SELECT n FROM nullable')).toEqual({ isNull: true });
  });

  test('serves every place that names it', async () => {
    const parameters = [parameter('a', { longValue: 2 }), parameter('b', { longValue: 5 })];
    expect(await data.value('SELECT :a * :b + :a', { parameters })).toEqual({ longValue: 12 });
  });

  test('that nobody supplied is missed by name, when others were supplied', async () => {
    const parameters = [parameter('a', { longValue: 1 })];
    expect(await refusal(data.execute('SELECT :a, (ARRAY[1,2])[1:2]', { parameters }))).toMatchObject({
      name: 'ValidationException',
      message: 'Cannot find parameter: 2',
    });
    expect((await refusal(data.execute('SELECT (ARRAY[1,2])[1:2]'))).message).toMatch(
      /^ERROR: syntax error at or near "\$1"/,
    );
  });

  test('between dollar quotes is replaced without a word', async () => {
    expect(await data.value('SELECT $$a :b c$$')).toEqual({ stringValue: 'a $1 c' });
  });

  test('can not be an array', async () => {
    const call = data.execute('SELECT :a', { parameters: [parameter('a', { arrayValue: { longValues: [1] } })] });
    expect(await refusal(call)).toMatchObject({
      name: 'ValidationException',
      message: 'Array parameters are not supported.',
    });
  });

  test('has the form its hint asks for', async () => {
    const call = data.execute('SELECT :a', {
      parameters: [parameter('a', { stringValue: '2026-01-31T10:20:30Z' }, 'TIMESTAMP')],
    });
    expect((await refusal(call)).name).toBe('ValidationException');
  });
});

describe('between calls', () => {
  test('no setting survives', async () => {
    await data.execute(`SET search_path = elsewhere`);
    await data.execute(`SET statement_timeout = 1`);
    const seen = await Promise.all(
      Array.from({ length: 8 }, () => data.execute(`SELECT current_setting('search_path'), pg_sleep(0.01)`)),
    );
    expect(new Set(seen.map(({ records }) => records![0]![0]!.stringValue))).toEqual(new Set(['"$user", public']));
  });

  test('no prepared statement, temporary table or session lock survives', async () => {
    // There is one session only, so that the next call has the very one: of several it may have another, which knows
    // nothing anyway, and sees the lock of the first until that is wiped.
    const one = await startDataApi(cluster, { limits: { sessionsPerCluster: 1 } });
    const session = await one.value('SELECT pg_backend_pid()');
    await one.execute('PREPARE p AS SELECT 1');
    expect((await refusal(one.execute('EXECUTE p'))).message).toBe(
      'ERROR: prepared statement "p" does not exist; SQLState: 26000',
    );
    await one.execute('CREATE TEMPORARY TABLE passing (id int)');
    expect((await refusal(one.execute('SELECT * FROM passing'))).message).toContain('SQLState: 42P01');
    await one.execute('SELECT pg_advisory_lock(7)');
    expect(await one.value(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`)).toEqual({ longValue: 0 });
    expect(await one.value('SELECT pg_backend_pid()')).toEqual(session);
    await one.close();
  });

  test('no transaction that was begun in SQL survives', async () => {
    await data.execute('BEGIN');
    await data.execute('CREATE TABLE after_begin (id int)');
    const other = await startDataApi(cluster);
    expect(await other.value(`SELECT to_regclass('after_begin')::text`)).toEqual({ stringValue: 'after_begin' });
    await other.close();
  });

  test('sessions call themselves rds-data-api and live in UTC', async () => {
    await data.execute(`ALTER DATABASE shop SET timezone = 'Asia/Tokyo'`);
    const fresh = await startDataApi(cluster);
    const { records } = await fresh.execute(`SELECT current_setting('application_name'), current_setting('TimeZone')`);
    await fresh.close();
    await data.execute('ALTER DATABASE shop RESET timezone');
    expect(records).toEqual([[{ stringValue: 'rds-data-api' }, { stringValue: 'UTC' }]]);
  });
});

test('twenty callers at once are all served, by no more sessions than allowed', async () => {
  const few = await startDataApi(cluster, { limits: { sessionsPerCluster: 4 } });
  const calls = Array.from({ length: 20 }, (_, n) =>
    few.execute('SELECT :n, pg_backend_pid(), pg_sleep(0.02)', { parameters: [parameter('n', { longValue: n })] }),
  );
  const rows = (await Promise.all(calls)).map(({ records }) => records![0]!);
  expect(rows.map(([n]) => n!.longValue)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(new Set(rows.map(([, pid]) => pid!.longValue)).size).toBe(4);
  // One database's idle sessions make room for another's.
  expect(await few.value('SELECT current_database()', { database: 'postgres' })).toEqual({ stringValue: 'postgres' });
  await few.close();
});

test('calls one after another have one session, however soon they come', async () => {
  const fresh = await startDataApi(cluster);
  const body = JSON.stringify({ ...fresh.common, sql: 'SELECT pg_backend_pid()' });
  const request = { method: 'POST', path: '/Execute', query: new URLSearchParams(), headers: {}, principal: 'clerk' };
  const answers = [];
  for (let call = 0; call < 10; call += 1)
    answers.push((await fresh.api.service({ ...request, body: Buffer.from(body) })).body);
  await fresh.close();
  expect(answers[0]).toMatch(/"longValue":\d+/);
  expect(new Set(answers).size).toBe(1);
});

test('sessions that nobody uses are closed, and the next call has a new one', async () => {
  const fresh = await startDataApi(cluster, { limits: { sessionIdleMilliseconds: 50 } });
  const pid = () => fresh.value('SELECT pg_backend_pid()');
  const first = await pid();
  const left = () => data.value(`SELECT count(*) FROM pg_stat_activity WHERE pid = ${first!.longValue}`);
  await expect.poll(left, { timeout: 20_000 }).toEqual({ longValue: 0 });
  const second = await pid();
  expect(second).not.toEqual(first);
  await fresh.close();
});

test('a session that PostgreSQL ended is replaced, its caller told why', async () => {
  await data.execute('SELECT 1');
  expect((await refusal(data.execute('SELECT pg_terminate_backend(pg_backend_pid())'))).message).toBe(
    'ERROR: terminating connection due to administrator command; SQLState: 57P01',
  );
  expect(await data.value('SELECT 1')).toEqual({ longValue: 1 });
});
