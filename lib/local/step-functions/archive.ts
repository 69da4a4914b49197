import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Holds on disk what is seldom asked for. */
export type Archive = {
  /** Puts a JSON value down; gives what reads it again. */
  put<Value>(value: Value): () => Value;
  close(): void;
};

/** An archive in a file, which goes with it. */
export const archiveIn = (file: string): Archive => {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'w+', 0o600);
  let end = 0;
  return {
    put<Value>(value: Value) {
      const written = deflateRawSync(JSON.stringify(value), { level: 1 });
      const at = end;
      end += writeSync(descriptor, written, 0, written.length, at);
      const { length } = written;
      return () => {
        const read = Buffer.alloc(length);
        readSync(descriptor, read, 0, length, at);
        return JSON.parse(inflateRawSync(read).toString()) as Value;
      };
    },
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
};
