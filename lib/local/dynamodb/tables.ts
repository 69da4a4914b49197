import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import db, { type Callback, type Store, type Table } from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import { failure } from '../../failure.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Place } from '../service.ts';
import { writeBuffer } from './write-buffer.ts';

export const StateInUse = failure(
  'StateInUse',
  (it: { directory: string; reason: string }) =>
    `The tables in ${it.directory} can't be opened (${it.reason}). If another local cloud is using that directory, stop it first.`,
);

export type Input = Record<string, unknown>;
export type Tables = Awaited<ReturnType<typeof openTables>>;

/**
 * The account's tables: dynalite's LevelDB store and operations, without its HTTP server, which would have to listen
 * on a port of its own to be closed cleanly, and which ends the whole process on an unexpected error.
 */
export const openTables = async (directory: string, { region, account }: Place) => {
  mkdirSync(directory, { recursive: true });
  const store = db.create({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await store.db.open().catch((cause: Error) => {
    throw new StateInUse(
      { directory, reason: cause.cause instanceof Error ? cause.cause.message : cause.message },
      { cause },
    );
  });
  store.tableDb.awsRegion = region;
  store.tableDb.awsAccountId = account;

  // LevelDB has no transactions: writes go one after another, and each lands in one batch with its index entries.
  let last: Promise<unknown> = Promise.resolve();
  const atomically = <Result>(work: (buffered: Store) => Promise<Result>): Promise<Result> => {
    const mine = last.then(async () => {
      const { overlay, writes } = writeBuffer(store);
      const result = await work(overlay);
      if (writes.size > 0) await store.db.batch([...writes.values()]);
      return result;
    });
    last = mine.catch(() => undefined);
    return mine;
  };

  return {
    atomically,
    run: (operation: string, data: Input, on: Store = store) => act(on, operation, checked(store, operation, data)),
    checked: (operation: string, data: Input) => checked(store, operation, data),
    act,
    /** The table as DescribeTable tells it, or undefined if there is none. */
    describe: async (name: string): Promise<Input | undefined> => {
      try {
        return (await act(store, 'DescribeTable', { TableName: name })).Table as Input;
      } catch (error) {
        if ((error as Error).name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
    /** The table's keys and indexes, without looking at its items as DescribeTable does; undefined if there is none. */
    schema: (name: string): Promise<Input | undefined> =>
      call((done: Callback<Table>) => store.getTable(name, done)).then(
        (table) => table as unknown as Input,
        () => undefined,
      ),
    /** Creates a table and waits until it takes items. */
    create: async (data: Input) => {
      await act(store, 'CreateTable', checked(store, 'CreateTable', data));
      const isActive = async () => {
        const { Table } = await act(store, 'DescribeTable', { TableName: data.TableName });
        return (Table as Input).TableStatus === 'ACTIVE';
      };
      while (!(await isActive())) await pause(5);
    },
    close: async () => {
      await last;
      await call((done) => store.lifecycleManager.gracefulClose(done));
    },
  };
};

/** The item an input's `Key` or `Item` names, read within a write's own view of the table. */
export const standingItem = async (store: Store, data: Input) => {
  const key = await itemKey(store, data);
  return call((done) => store.getItemDb(String(data.TableName)).get(key, done));
};

/** What tells the item apart from all others of its table. */
export const itemKey = async (store: Store, data: Input) => {
  const table = await call((done: Callback<Table>) => store.getTable(String(data.TableName), done));
  const invalid = data.Key ? db.validateKey(data.Key, table!) : db.validateItem(Object(data.Item), table!);
  if (invalid) throw asAwsError(invalid);
  const key = db.createKey(Object(data.Key ?? data.Item), table!);
  if (key instanceof Error) throw asAwsError(key);
  return key;
};

/** Throws ConditionalCheckFailedException unless the item meets the input's condition. */
export const checkCondition = (data: Input, item: unknown) => {
  const unmet = db.checkConditional(data, item);
  if (unmet) throw asAwsError(unmet);
};

const require = createRequire(import.meta.url);
const lowerFirst = (operation: string) => operation[0]!.toLowerCase() + operation.slice(1);

/** The input as dynalite's own checks leave it. They drop members they don't know; those are refused here first. */
const checked = (store: Store, operation: string, data: Input) => {
  const { types, custom } = require(`dynalite/validations/${lowerFirst(operation)}.js`);
  const unknown = Object.keys(data).find((member) => !Object.hasOwn(types, member));
  if (unknown) {
    throw new AwsError('ValidationException', `The local cloud's DynamoDB doesn't honour ${unknown} of ${operation}.`);
  }
  try {
    const clean = validations.checkTypes(data, types);
    validations.checkValidations(clean, types, custom, store);
    return clean;
  } catch (error) {
    throw asAwsError(error as Error);
  }
};

const act = async (store: Store, operation: string, data: Input): Promise<Record<string, unknown>> => {
  const action = require(`dynalite/actions/${lowerFirst(operation)}.js`);
  return (await call((done: Callback<Record<string, unknown>>) => action(store, data, done))) ?? {};
};

const call = async <Value>(start: (done: Callback<Value>) => void): Promise<Value | undefined> => {
  // dynalite may call back at once and then throw; a turn of the event loop keeps the two apart.
  await turn();
  return new Promise((resolve, reject) =>
    start((error, value) => (error ? reject(asAwsError(error)) : resolve(value))),
  );
};

const asAwsError = (error: Error & { statusCode?: number; body?: Input }) => {
  if (error instanceof AwsError || !error.statusCode) return error;
  const { __type, message, Message, ...members } = error.body ?? {};
  return new AwsError(String(__type).split('#').at(-1)!, String(message ?? Message ?? ''), error.statusCode, members);
};
