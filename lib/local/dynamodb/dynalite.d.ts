// The parts of dynalite (which ships no types) that stand behind its HTTP server.

declare module 'dynalite/db/index.js' {
  export type Callback<Value = unknown> = (error: Error | null, value?: Value) => void;
  export type SubDb = {
    get(key: string, done: Callback): void;
    put(key: string, value: unknown, done: Callback): void;
    del(key: string, done: Callback): void;
    lock: unknown;
  };
  export type Table = { TableName: string; TableStatus: string };
  export type Store = {
    options: { maxItemSize: number };
    db: { open(): Promise<void>; batch(operations: object[]): Promise<void> };
    tableDb: SubDb & { awsRegion: string; awsAccountId: string };
    getItemDb(table: string): SubDb;
    getIndexDb(type: string, table: string, index: string): SubDb;
    getTable(name: string, done: Callback<Table>): void;
    lifecycleManager: { gracefulClose(done: Callback): void };
  };
  const db: {
    create(options: { path?: string; createTableMs?: number; deleteTableMs?: number; updateTableMs?: number }): Store;
    createKey(item: object, table: Table): string | Error;
    validateItem(item: object, table: Table): Error | null;
    validateKey(key: object, table: Table): Error | null;
    checkConditional(data: object, item: unknown): Error | null;
  };
  export default db;
}

declare module 'dynalite/validations/*.js' {
  const validation: { types: Record<string, unknown>; custom?: (data: object, store: object) => string | undefined };
  export default validation;
}

declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: object, types: object): Record<string, unknown>;
    checkValidations(data: object, types: object, custom: unknown, store: object): void;
  };
  export default validations;
}

declare module 'dynalite/actions/*.js' {
  import type { Callback, Store } from 'dynalite/db/index.js';

  const action: (store: Store, data: object, done: Callback<object>) => void;
  export default action;
}
