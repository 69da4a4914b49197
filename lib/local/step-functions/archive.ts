import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Execution } from './engine.ts';

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

/**
 * Moves out of memory what a child of a map has been and done, once it has succeeded and nothing can change any more: a
 * map has thousands of them. Whoever asks still gets all of it.
 */
export const layAside = (archive: Archive, execution: Execution): void => {
  const { input, inputText, output, history } = execution;
  const read = archive.put({ input, inputText, output, events: history.events });
  for (const name of ['input', 'inputText', 'output'] as const)
    Object.defineProperty(execution, name, { get: () => read()[name], enumerable: true });
  execution.history = {
    get events() {
      return read().events;
    },
    append: (_, __, previous) => previous,
    close: () => {},
    reopen: () => {},
  };
  execution.stop = () => {};
};
