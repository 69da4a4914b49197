import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateScan,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { dynamodb } from '../../../lib/local/dynamodb/dynamodb.ts';
import { openTables } from '../../../lib/local/dynamodb/tables.ts';
import { listening, place, temporary } from '../cloud-harness.ts';

const TableName = 'Ledger';
const definition = {
  TableName,
  AttributeDefinitions: ['pk', 'sk', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byState',
      KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

const opened = async (directory = temporary()) => {
  const tables = await openTables(directory, place);
  onTestFinished(() => tables.close());
  if (!(await tables.describe(TableName))) await tables.create(definition);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(await listening({ dynamodb: dynamodb(tables) })));
  const put = (item: object, more = {}) =>
    client.send(new PutCommand({ TableName, Item: { sk: 'a', ...item }, ...more }));
  const get = async (pk: string, sk = 'a') => (await client.send(new GetCommand({ TableName, Key: { pk, sk } }))).Item;
  const inState = async (state: string) => {
    const query = { TableName, IndexName: 'byState', KeyConditionExpression: '#s = :s' };
    const names = { ExpressionAttributeNames: { '#s': 'state' }, ExpressionAttributeValues: { ':s': state } };
    const { Items = [] } = await client.send(new QueryCommand({ ...query, ...names }));
    return Items.map(({ pk }) => pk).sort();
  };
  return { tables, directory, client, put, get, inState };
};

it('writes under a condition, of two at once only one', async () => {
  const { put } = await opened();
  const claim = (owner: string) => put({ pk: 'lease', owner }, { ConditionExpression: 'attribute_not_exists(pk)' });
  const both = await Promise.allSettled([claim('one'), claim('two')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

it('shows the item that a condition failed on, if asked to', async () => {
  const { put, client } = await opened();
  await put({ pk: 'lease', owner: 'one' });
  const taken = { ConditionExpression: 'attribute_not_exists(pk)' };
  await expect(put({ pk: 'lease' }, taken)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: undefined,
  });
  const shown = put({ pk: 'lease' }, { ...taken, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
  await expect(shown).rejects.toMatchObject({ Item: { owner: { S: 'one' } } });
  const update = new UpdateCommand({
    ...{ TableName, Key: { pk: 'lease', sk: 'a' }, UpdateExpression: 'SET #o = :o', ConditionExpression: '#o = :o' },
    ...{ ExpressionAttributeNames: { '#o': 'owner' }, ExpressionAttributeValues: { ':o': 'two' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await expect(client.send(update)).rejects.toMatchObject({ Item: { owner: { S: 'one' } } });
});

it('keeps index and item together', async () => {
  const { put, inState, client } = await opened();
  await put({ pk: 'one', state: 'RUNNING' });
  await put({ pk: 'two', state: 'RUNNING' });
  const change = { UpdateExpression: 'SET #s = :s', ExpressionAttributeNames: { '#s': 'state' } };
  await client.send(
    new UpdateCommand({
      TableName,
      Key: { pk: 'one', sk: 'a' },
      ...change,
      ExpressionAttributeValues: { ':s': 'DONE' },
    }),
  );
  expect([await inState('RUNNING'), await inState('DONE')]).toEqual([['two'], ['one']]);
});

it('does all actions of a transaction', async () => {
  const { put, get, inState, client } = await opened();
  await put({ pk: 'old', n: 1, state: 'RUNNING' });
  await put({ pk: 'gone' });
  await client.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName, Item: { pk: 'new', sk: 'a', state: 'RUNNING' } } },
        {
          Update: {
            ...{ TableName, Key: { pk: 'old', sk: 'a' }, UpdateExpression: 'ADD n :one' },
            ExpressionAttributeValues: { ':one': 1 },
          },
        },
        { Delete: { TableName, Key: { pk: 'gone', sk: 'a' } } },
        {
          ConditionCheck: { TableName, Key: { pk: 'never', sk: 'a' }, ConditionExpression: 'attribute_not_exists(pk)' },
        },
      ],
    }),
  );
  expect(await get('old')).toMatchObject({ n: 2 });
  expect(await get('gone')).toBeUndefined();
  expect(await inState('RUNNING')).toEqual(['new', 'old']);
  const { Responses } = await client.send(
    new TransactGetCommand({
      TransactItems: ['new', 'gone'].map((pk) => ({ Get: { TableName, Key: { pk, sk: 'a' } } })),
    }),
  );
  expect(Responses).toEqual([{ Item: { pk: 'new', sk: 'a', state: 'RUNNING' } }, {}]);
});

it('does none of them if one may not be done, and says which', async () => {
  const { put, get, inState, client } = await opened();
  await put({ pk: 'taken', owner: 'one' });
  const transaction = new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName, Item: { pk: 'new', sk: 'a', state: 'RUNNING' } } },
      {
        Put: {
          ...{ TableName, Item: { pk: 'taken', sk: 'a' }, ConditionExpression: 'attribute_not_exists(pk)' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ],
  });
  await expect(client.send(transaction)).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { owner: { S: 'one' } } }],
  });
  expect([await get('new'), await inState('RUNNING')]).toEqual([undefined, []]);
});

it('does a transaction once for one token', async () => {
  const { get, client } = await opened();
  const add = (by: number) =>
    client.send(
      new TransactWriteCommand({
        ClientRequestToken: 'token',
        TransactItems: [
          {
            Update: {
              ...{ TableName, Key: { pk: 'counter', sk: 'a' }, UpdateExpression: 'ADD n :by' },
              ExpressionAttributeValues: { ':by': by },
            },
          },
        ],
      }),
    );
  await add(1);
  await add(1);
  expect(await get('counter')).toMatchObject({ n: 1 });
  await expect(add(2)).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
});

it('refuses a transaction with two actions on one item', async () => {
  const { client } = await opened();
  const Put = { TableName, Item: { pk: 'x', sk: 'a' } };
  const twice = client.send(new TransactWriteCommand({ TransactItems: [{ Put }, { Put }] }));
  await expect(twice).rejects.toMatchObject({ name: 'ValidationException' });
});

it('refuses an item without its key', async () => {
  const { client, put } = await opened();
  await expect(put({ owner: 'one' })).rejects.toMatchObject({ name: 'ValidationException' });
  const Put = { TableName, Item: { pk: 'x' } };
  await expect(client.send(new TransactWriteCommand({ TransactItems: [{ Put }] }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

it('refuses members that it does not honour', async () => {
  const { tables } = await opened();
  const streamed = { ...definition, TableName: 'Other', StreamSpecification: { StreamEnabled: true } };
  await expect(tables.create(streamed)).rejects.toThrow(
    "The local cloud's DynamoDB doesn't honour StreamSpecification of CreateTable.",
  );
});

it('finds items and indexes again after it was closed', async () => {
  const { put, tables, directory } = await opened();
  await put({ pk: 'one', state: 'RUNNING' });
  await tables.close();
  const again = await opened(directory);
  expect([await again.get('one'), await again.inState('RUNNING')]).toEqual([
    { pk: 'one', sk: 'a', state: 'RUNNING' },
    ['one'],
  ]);
});

it('refuses a directory that another process has open', async () => {
  const { directory } = await opened();
  await expect(openTables(directory, place)).rejects.toMatchObject({ name: 'StateInUse' });
});

it('loses nothing that was answered when its process is killed', async () => {
  const directory = temporary();
  const script = `
    import { openTables } from './lib/local/dynamodb/tables.ts';
    const tables = await openTables(${JSON.stringify(directory)}, ${JSON.stringify(place)});
    await tables.create(${JSON.stringify(definition)});
    for (let n = 0; ; n++) {
      const Item = { pk: { S: 'n' + n }, sk: { S: 'a' }, state: { S: 'RUNNING' } };
      await tables.atomically(async (store) => tables.act(store, 'PutItem', tables.checked('PutItem', { TableName: '${TableName}', Item })));
      console.log(n);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  let answered = '';
  child.stdout.on('data', (text) => {
    answered += text;
    if (answered.split('\n').length > 200) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const written = answered.split('\n').length - 1;
  expect(written).toBeGreaterThanOrEqual(200);
  const { get, inState } = await opened(directory);
  expect(await get(`n${written - 1}`)).toBeDefined();
  const found = await inState('RUNNING');
  // The last one may have been written without having been answered, but never half.
  expect([written, written + 1]).toContain(found.length);
  for (const pk of found) expect(await get(pk)).toBeDefined();
});

it('reads a table consistently when that is asked for, and an index never', async () => {
  const { client } = await opened();
  await client.send(new PutCommand({ TableName, Item: { pk: 'a', sk: 'b', state: 'c' } }));
  const consistent = { TableName, ConsistentRead: true };
  expect((await client.send(new ScanCommand(consistent))).Count).toBe(1);
  await expect(client.send(new ScanCommand({ ...consistent, IndexName: 'byState' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

it('scans a table page by page, in segments and by a filter, an index included', async () => {
  const { client, put } = await opened();
  for (let n = 0; n < 30; n += 1) await put({ pk: `tenant-${n}`, state: n % 3 === 0 ? 'late' : 'good', n });
  const all = async (more: object) => {
    const found: number[] = [];
    let pages = 0;
    for await (const { Items = [] } of paginateScan({ client, pageSize: 8 }, { TableName, ...more })) {
      found.push(...Items.map(({ n }) => Number(n)));
      pages += 1;
    }
    return { found: found.toSorted((a, b) => a - b), pages };
  };
  const every = Array.from({ length: 30 }, (_, n) => n);
  expect(await all({})).toEqual({ found: every, pages: 4 });
  const halves = await Promise.all([0, 1].map((Segment) => all({ Segment, TotalSegments: 2 })));
  expect(halves.flatMap(({ found }) => found).toSorted((a, b) => a - b)).toEqual(every);
  const late = {
    ...{ FilterExpression: '#s = :s AND n < :n', ExpressionAttributeNames: { '#s': 'state' } },
    ExpressionAttributeValues: { ':s': 'late', ':n': 10 },
  };
  expect((await all(late)).found).toEqual([0, 3, 6, 9]);
  const counted = await client.send(new ScanCommand({ TableName, IndexName: 'byState', Select: 'COUNT' }));
  expect(counted).toMatchObject({ Count: 30, ScannedCount: 30 });
});

it('gets many items at once, and leaves out those that there are not', async () => {
  const { client, put } = await opened();
  for (const pk of ['one', 'two']) await put({ pk });
  const Keys = ['one', 'two', 'three'].map((pk) => ({ pk, sk: 'a' }));
  const { Responses } = await client.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys } } }));
  expect(Responses?.[TableName]?.map(({ pk }) => pk).toSorted()).toEqual(['one', 'two']);
  const twice = new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [Keys[0]!, Keys[0]!] } } });
  await expect(client.send(twice)).rejects.toMatchObject({ name: 'ValidationException' });
});
