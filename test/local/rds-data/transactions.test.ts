import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import type { Switches } from '../../../lib/local/rds-data/switches.ts';
import { refusal, startCluster, startDataApi } from './harness.ts';

let cluster: Awaited<ReturnType<typeof startCluster>>;
let data: Awaited<ReturnType<typeof startDataApi>>;
beforeAll(async () => {
  cluster = await startCluster();
  data = await startDataApi(cluster);
  await data.execute('CREATE TABLE notes (text text)');
});
afterAll(async () => {
  await data.close();
  await cluster.stop();
});
beforeEach(() => data.execute('TRUNCATE notes'));

type Api = typeof data;
const begin = async (api: Api = data) => (await api.sdk.send(new BeginTransactionCommand(api.common))).transactionId!;
const ending = (api: Api, transactionId: string) => ({
  resourceArn: api.common.resourceArn,
  secretArn: api.common.secretArn,
  transactionId,
});
const commit = (transactionId: string, api: Api = data) =>
  api.sdk.send(new CommitTransactionCommand(ending(api, transactionId)));
const rollback = (transactionId: string, api: Api = data) =>
  api.sdk.send(new RollbackTransactionCommand(ending(api, transactionId)));
const notes = async () =>
  (await data.execute('SELECT text FROM notes ORDER BY 1')).records!.map(([it]) => it!.stringValue);
const write = (text: string, transactionId?: string) =>
  data.execute(`INSERT INTO notes VALUES ('${text}')`, { transactionId });

/** Virtual time that passes only when the test says so: between its calls the test is a person, whom the clock can't see. */
const heldClock = () => {
  const clock = virtualClock();
  let release = () => {};
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    release = resolve;
    void clock.busy(promise);
  };
  hold();
  const pass = async (milliseconds: number) => {
    const slept = clock.sleep(milliseconds);
    release();
    await slept;
    hold();
  };
  return { clock, pass };
};

describe('a transaction', () => {
  test('shows its changes once it is committed', async () => {
    const id = await begin();
    await write('mine', id);
    expect(await notes()).toEqual([]);
    expect(await commit(id)).toMatchObject({ transactionStatus: 'Transaction Committed' });
    expect(await notes()).toEqual(['mine']);
  });

  test('leaves nothing behind once it is rolled back, tables included', async () => {
    const id = await begin();
    await data.execute('CREATE TABLE undone (id int)', { transactionId: id });
    expect(await rollback(id)).toMatchObject({ transactionStatus: 'Rollback Complete' });
    expect(await data.value(`SELECT to_regclass('undone')::text`)).toEqual({ isNull: true });
  });

  test('keeps one session: settings, savepoints, prepared statements and cursors work in it', async () => {
    const transactionId = await begin();
    const run = (sql: string) => data.execute(sql, { transactionId });
    await run(`SET LOCAL TimeZone = 'Asia/Kolkata'`);
    expect((await run(`SELECT current_setting('TimeZone'), '2024-01-15 12:34:56.5+09'::timestamptz`)).records).toEqual([
      [{ stringValue: 'Asia/Kolkata' }, { stringValue: '2024-01-15 03:34:56.5' }],
    ]);
    await run('SAVEPOINT before');
    await refusal(run('SELECT 1 / 0'));
    await run('ROLLBACK TO SAVEPOINT before');
    await run('PREPARE p AS SELECT 5');
    expect((await run('EXECUTE p')).records).toEqual([[{ longValue: 5 }]]);
    await run('DECLARE c CURSOR FOR SELECT generate_series(1, 3)');
    expect((await run('FETCH 2 FROM c')).records).toEqual([[{ longValue: 1 }], [{ longValue: 2 }]]);
    await commit(transactionId);
    expect(await data.value('SHOW TimeZone')).toEqual({ stringValue: 'UTC' });
  });

  test('in which a statement failed takes no other one', async () => {
    const id = await begin();
    await refusal(data.execute('SELECT 1 / 0', { transactionId: id }));
    expect(await refusal(write('late', id))).toEqual({
      name: 'DatabaseErrorException',
      message:
        'ERROR: current transaction is aborted, commands ignored until end of transaction block; SQLState: 25P02',
      status: 400,
    });
    await commit(id);
    expect(await notes()).toEqual([]);
  });

  test('runs one query at a time', async () => {
    const transactionId = await begin();
    const slow = data.execute('SELECT pg_sleep(0.5)', { transactionId });
    await data.execute('SELECT pg_sleep(0.1)');
    const busy = { name: 'DatabaseErrorException', message: 'Transaction is still running a query', status: 400 };
    expect(await refusal(write('between', transactionId))).toEqual(busy);
    expect(await refusal(commit(transactionId))).toEqual(busy);
    await slow;
    await write('after', transactionId);
    await commit(transactionId);
    expect(await notes()).toEqual(['after']);
  });

  test('is in one database', async () => {
    const transactionId = await begin();
    expect((await refusal(data.execute('SELECT 1', { transactionId, database: 'postgres' }))).message).toBe(
      'Database name is not the same as transaction',
    );
    expect((await data.execute('SELECT 1', { transactionId, database: undefined })).records).toHaveLength(1);
    await rollback(transactionId);
  });

  test('that nobody calls for three minutes is rolled back', async () => {
    const { clock, pass } = heldClock();
    const api = await startDataApi(cluster, { clock });
    const id = await begin(api);
    await api.execute(`INSERT INTO notes VALUES ('forgotten')`, { transactionId: id });
    await pass(179_000);
    await api.execute(`INSERT INTO notes VALUES ('remembered')`, { transactionId: id });
    await pass(179_000);
    await api.execute('SELECT 1', { transactionId: id });
    await pass(180_000);
    expect(await refusal(commit(id, api))).toEqual({
      name: 'TransactionNotFoundException',
      message: `Transaction ${id} is not found. Transaction may be expired.`,
      status: 404,
    });
    expect(await notes()).toEqual([]);
    await api.close();
  });

  test('is rolled back after a day however busy it was', async () => {
    const { clock, pass } = heldClock();
    const api = await startDataApi(cluster, { clock, limits: { transactionIdleMilliseconds: 5 * 60 * 60 * 1000 } });
    const transactionId = await begin(api);
    for (let hours = 4; hours < 24; hours += 4) {
      await pass(4 * 60 * 60 * 1000);
      await api.execute('SELECT 1', { transactionId });
    }
    await pass(4 * 60 * 60 * 1000);
    expect((await refusal(api.execute('SELECT 1', { transactionId }))).name).toBe('TransactionNotFoundException');
    await api.close();
  });

  test('that never was is not found, neither is another cluster or secret let at one', async () => {
    expect(await refusal(rollback('nonsense'))).toMatchObject({ name: 'TransactionNotFoundException', status: 404 });
    const id = await begin();
    cluster.secrets.set('other', cluster.secrets.get(data.common.secretArn)!);
    expect((await refusal(data.execute('SELECT 1', { transactionId: id, secretArn: 'other' }))).name).toBe(
      'TransactionNotFoundException',
    );
    await rollback(id);
    expect((await refusal(rollback(id))).name).toBe('TransactionNotFoundException');
  });

  test('whose session PostgreSQL ended is gone', async () => {
    const id = await begin();
    await refusal(data.execute('SELECT pg_terminate_backend(pg_backend_pid())', { transactionId: id }));
    expect((await refusal(commit(id))).message).toBe(
      `Transaction ${id} is not found. Transaction has been aborted due to an error from a previous call.`,
    );
  });

  test('whose commit fails says why and is over', async () => {
    await data.execute('CREATE TABLE parent (id int PRIMARY KEY)');
    await data.execute('CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)');
    const id = await begin();
    await data.execute('INSERT INTO child VALUES (1)', { transactionId: id });
    expect((await refusal(commit(id))).message).toMatch(
      /violates foreign key constraint "child_id_fkey"; SQLState: 23503$/,
    );
    expect((await refusal(commit(id))).name).toBe('TransactionNotFoundException');
  });
});

describe('when a call in it times out', () => {
  const withTimeout = (switches: Partial<Switches> = {}) =>
    startDataApi(cluster, { limits: { callTimeoutMilliseconds: 300 }, switches });
  const sleepIn = (api: Api, transactionId: string) => refusal(api.execute('SELECT pg_sleep(1.5)', { transactionId }));

  test('a transaction is terminated', async () => {
    const api = await withTimeout();
    const id = await begin(api);
    expect((await sleepIn(api, id)).name).toBe('StatementTimeoutException');
    expect((await refusal(commit(id, api))).message).toBe(
      `Transaction ${id} is not found. One previous call resulted in a termination of your transaction.`,
    );
    await api.close();
  });

  test('a transaction is aborted instead, where that is switched on', async () => {
    const api = await withTimeout({ transactionAfterTimeout: 'aborted' });
    const id = await begin(api);
    await sleepIn(api, id);
    expect((await refusal(api.execute('SELECT 1', { transactionId: id }))).message).toContain('SQLState: 25P02');
    expect((await rollback(id, api)).transactionStatus).toBe('Rollback Complete');
    await api.close();
  });

  test('a transaction goes on running instead, where that is switched on', async () => {
    const api = await withTimeout({ transactionAfterTimeout: 'running' });
    const id = await begin(api);
    await sleepIn(api, id);
    expect((await refusal(api.execute('SELECT 1', { transactionId: id }))).message).toBe(
      'Transaction is still running a query',
    );
    await expect
      .poll(
        () =>
          rollback(id, api).then(
            ({ transactionStatus }) => transactionStatus,
            () => 'busy',
          ),
        { timeout: 10_000 },
      )
      .toBe('Rollback Complete');
    await api.close();
  });

  test('continueAfterTimeout is refused with it, ignored or heeded, as switched', async () => {
    const refused = await withTimeout();
    const id = await begin(refused);
    const input = { transactionId: id, continueAfterTimeout: true };
    expect((await refusal(refused.execute('SELECT 1', input))).name).toBe('ValidationException');
    await refused.close();

    const heeded = await withTimeout({ continueAfterTimeoutInTransaction: 'accepted' });
    const other = await begin(heeded);
    expect(
      (
        await refusal(
          heeded.execute(`INSERT INTO notes SELECT 'slow' FROM pg_sleep(1)`, {
            transactionId: other,
            continueAfterTimeout: true,
          }),
        )
      ).name,
    ).toBe('StatementTimeoutException');
    await expect
      .poll(
        () =>
          commit(other, heeded).then(
            ({ transactionStatus }) => transactionStatus,
            () => 'busy',
          ),
        { timeout: 10_000 },
      )
      .toBe('Transaction Committed');
    expect(await notes()).toEqual(['slow']);
    await heeded.close();
  });
});

describe('switches', () => {
  test('let Commit tell that it rolled back', async () => {
    const api = await startDataApi(cluster, {
      switches: { commitOfAbortedTransaction: 'error', endOfUnknownTransaction: 'NotFoundException' },
    });
    const id = await begin(api);
    await refusal(api.execute('SELECT 1 / 0', { transactionId: id }));
    expect((await refusal(commit(id, api))).message).toContain('SQLState: 25P02');
    expect((await refusal(commit(id, api))).name).toBe('NotFoundException');
    await api.close();
  });

  test('let a setting of a transaction leak to whoever is next', async () => {
    const api = await startDataApi(cluster, {
      switches: { sessionAfterTransaction: 'kept' },
      limits: { sessionsPerCluster: 1 },
    });
    const id = await begin(api);
    await api.execute(`SET search_path = leaked`, { transactionId: id });
    await commit(id, api);
    expect(await api.value('SHOW search_path')).toEqual({ stringValue: 'leaked' });
    await api.close();
  });

  test('let a procedure find itself in a transaction', async () => {
    const api = await startDataApi(cluster, { switches: { procedureCommit: 'refused' } });
    await api.execute('CREATE PROCEDURE committing() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$');
    expect((await refusal(api.execute('CALL committing()'))).message).toContain('SQLState: 2D000');
    await api.close();
  });
});
