import type { Store, SubDb } from 'dynalite/db/index.js';

/** A view of the store that keeps what is written to itself, for one batch, and reads it back from there. */
export const writeBuffer = (store: Store) => {
  const writes = new Map<string, Write>();
  const over = (prefix: string, sub: SubDb): SubDb => ({
    lock: sub.lock,
    get(key, done) {
      const write = writes.get(prefix + key);
      if (write) setImmediate(done, null, structuredClone(write.value));
      else sub.get(key, done);
    },
    put(key, value, done) {
      writes.set(prefix + key, { type: 'put', key: prefix + key, value });
      setImmediate(done, null);
    },
    del(key, done) {
      writes.set(prefix + key, { type: 'del', key: prefix + key });
      setImmediate(done, null);
    },
  });
  const overlay: Store = {
    ...store,
    getItemDb: (table) => over(`item-${table}~`, store.getItemDb(table)),
    getIndexDb: (type, table, index) =>
      over(`index-${type.toLowerCase()}~${table}~${index}~`, store.getIndexDb(type, table, index)),
  };
  return { overlay, writes };
};

type Write = { type: 'put' | 'del'; key: string; value?: unknown };
