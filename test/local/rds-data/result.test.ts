import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal, startCluster, startDataApi } from './harness.ts';

let cluster: Awaited<ReturnType<typeof startCluster>>;
let data: Awaited<ReturnType<typeof startDataApi>>;
beforeAll(async () => {
  cluster = await startCluster();
  data = await startDataApi(cluster);
  await data.execute(`CREATE TYPE mood AS ENUM ('glad', 'sad')`);
});
afterAll(async () => {
  await data.close();
  await cluster.stop();
});

describe('a value', () => {
  test.each([
    ['1::smallint', { longValue: 1 }],
    ['1::bigint', { longValue: 1 }],
    ['1.5::real', { doubleValue: 1.5 }],
    ['0.1::float8', { doubleValue: 0.1 }],
    ['12.50::numeric', { stringValue: '12.50' }],
    ['true', { booleanValue: true }],
    [`'\\x00ff'::bytea`, { blobValue: new Uint8Array([0, 255]) }],
    [`'a'::varchar(3)`, { stringValue: 'a' }],
    [`'a'::char(3)`, { stringValue: 'a  ' }],
    [`'a'::name`, { stringValue: 'a' }],
    [`'{"a": 1}'::jsonb`, { stringValue: '{"a": 1}' }],
    [`'6f1d3a0e-7c0b-4d41-8c12-5b1f5f1d0a55'::uuid`, { stringValue: '6f1d3a0e-7c0b-4d41-8c12-5b1f5f1d0a55' }],
    [`'2026-01-31'::date`, { stringValue: '2026-01-31' }],
    [`'10:20:30.5'::time`, { stringValue: '10:20:30.5' }],
    [`'2026-01-31 10:20:30.123456'::timestamp`, { stringValue: '2026-01-31 10:20:30.123456' }],
    [`'10.0.0.0/8'::cidr`, { stringValue: '10.0.0.0/8' }],
    [`'10.0.0.1'::inet`, { stringValue: '10.0.0.1' }],
    [`'glad'::mood`, { stringValue: 'glad' }],
    ['NULL::int', { isNull: true }],
    ['ARRAY[1, NULL, 3]', { arrayValue: { longValues: [1, null, 3] } }],
    [`ARRAY['a', NULL, 'b,"c\\', 'NULL', '']`, { arrayValue: { stringValues: ['a', null, 'b,"c\\', 'NULL', ''] } }],
    ['ARRAY[true, false]', { arrayValue: { booleanValues: [true, false] } }],
    ['ARRAY[1.5, 2]::float8[]', { arrayValue: { doubleValues: [1.5, 2] } }],
    ['ARRAY[]::int[]', { arrayValue: { longValues: [] } }],
    [`'[0:1]={a,b}'::text[]`, { arrayValue: { stringValues: ['a', 'b'] } }],
    [`ARRAY[B'1', B'0']`, { arrayValue: { booleanValues: [true, false] } }],
  ])('%s', async (expression, field) => {
    expect(await data.value(`SELECT ${expression}`)).toEqual(field);
  });

  test('with a time zone comes in UTC without the offset', async () => {
    const sql = `SELECT '2024-01-15 12:34:56.5+09'::timestamptz`;
    expect(await data.value(sql)).toEqual({ stringValue: '2024-01-15 03:34:56.5' });
  });

  test('beyond what JavaScript holds arrives exactly as a string', async () => {
    const sql = 'SELECT 9007199254740993::bigint';
    expect(await data.value(sql, { resultSetOptions: { longReturnType: 'STRING' } })).toEqual({
      stringValue: '9007199254740993',
    });
    const { body } = await raw(sql);
    expect(body).toContain('{"longValue":9007199254740993}');
  });

  test('that is a decimal comes as a number where asked for', async () => {
    const resultSetOptions = { decimalReturnType: 'DOUBLE_OR_LONG' } as const;
    expect(await data.value('SELECT 12.5::numeric', { resultSetOptions })).toEqual({ doubleValue: 12.5 });
    expect(await data.value('SELECT 12::numeric', { resultSetOptions })).toEqual({ longValue: 12 });
  });

  test.each(['interval', 'money', 'point', 'xml', '"char"', 'timetz', 'int4range', 'tsvector', 'regclass', 'bit(3)'])(
    'of type %s can not be returned',
    async (type) => {
      expect(await refusal(data.execute(`SELECT NULL::${type}`))).toMatchObject({
        name: 'UnsupportedResultException',
        message: expect.stringMatching(/^The result contains the unsupported data type [A-Z0-9]+$/),
        status: 400,
      });
    },
  );

  test('of several dimensions can not be returned', async () => {
    expect(await refusal(data.execute('SELECT ARRAY[[1, 2], [3, 4]]'))).toMatchObject({
      name: 'UnsupportedResultException',
      message: 'The result contains a multidimensional array',
    });
  });

  test.each([`'infinity'::timestamptz`, `'-infinity'::date`])(
    '%s makes the service fail without a word',
    async (expression) => {
      expect(await refusal(data.execute(`SELECT ${expression}`))).toMatchObject({
        name: 'InternalFailure',
        status: 500,
      });
    },
  );
});

describe('metadata', () => {
  test('comes only when asked for, and only with rows', async () => {
    expect((await data.execute('SELECT 1')).columnMetadata).toBeUndefined();
    expect(
      (await data.execute('CREATE TABLE plain (id int)', { includeResultMetadata: true })).columnMetadata,
    ).toBeUndefined();
    expect((await data.execute('SELECT id FROM plain', { includeResultMetadata: true })).columnMetadata).toHaveLength(
      1,
    );
  });

  test('tells a column of a table by its declaration', async () => {
    await data.execute(
      'CREATE TABLE sold (id serial PRIMARY KEY, price numeric(10, 2), title varchar(80) NOT NULL, tags text[], mood mood)',
    );
    const { columnMetadata } = await data.execute('SELECT id, price, title AS t, tags, mood, 123 FROM sold', {
      includeResultMetadata: true,
    });
    expect(columnMetadata).toMatchObject([
      {
        name: 'id',
        type: 4,
        typeName: 'serial',
        tableName: 'sold',
        schemaName: 'public',
        isAutoIncrement: true,
        nullable: 0,
        isSigned: true,
      },
      { name: 'price', type: 2, typeName: 'numeric', precision: 10, scale: 2, nullable: 1 },
      { name: 't', label: 't', type: 12, typeName: 'varchar', precision: 80, nullable: 0 },
      { name: 'tags', type: 2003, typeName: '_text', arrayBaseColumnType: 12 },
      { name: 'mood', type: 12, typeName: 'mood' },
      { name: '?column?', type: 4, typeName: 'int4', tableName: '', precision: 10, scale: 0, arrayBaseColumnType: 0 },
    ]);
  });
});

describe('records formatted as JSON', () => {
  test('are one string with the labels for keys', async () => {
    const answer = await data.execute(
      `SELECT 1 AS n, 'x' AS s, 1.5::numeric AS d, NULL AS nothing, ARRAY[1,2] AS list, '\\x00ff'::bytea AS b, true AS yes`,
      { formatRecordsAs: 'JSON' },
    );
    expect(answer.formattedRecords).toBe(
      '[{"n":1,"s":"x","d":"1.5","nothing":null,"list":[1,2],"b":"AP8=","yes":true}]',
    );
    expect(answer.records).toBeUndefined();
  });

  test('are an empty list when there are none, and nothing for what is not a SELECT', async () => {
    expect((await data.execute('SELECT 1 AS n WHERE false', { formatRecordsAs: 'JSON' })).formattedRecords).toBe('[]');
    expect(
      (await data.execute('CREATE TABLE formatted (id int)', { formatRecordsAs: 'JSON' })).formattedRecords,
    ).toBeUndefined();
  });

  test('can not have one label twice', async () => {
    expect((await refusal(data.execute('SELECT 1 AS n, 2 AS n', { formatRecordsAs: 'JSON' }))).name).toBe(
      'BadRequestException',
    );
  });
});

const raw = async (sql: string) => {
  const response = await data.api.service({
    method: 'POST',
    path: '/Execute',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(JSON.stringify({ ...data.common, sql })),
    principal: '',
  });
  return { status: response.status, headers: response.headers, body: String(response.body) };
};

test('an error names itself in the header that SDKs look at', async () => {
  const { status, headers, body } = await raw('SELEKT');
  expect(status).toBe(400);
  expect(headers).toMatchObject({ 'x-amzn-errortype': 'DatabaseErrorException', 'content-type': 'application/json' });
  expect(JSON.parse(body)).toEqual({
    message: 'ERROR: syntax error at or near "SELEKT"; Position: 1; SQLState: 42601',
  });
});
