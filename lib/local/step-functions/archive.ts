import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Holds on disk what is seldom asked for. */
export type Archive = {
  /** Puts a JSON value down; gives the place to get it from again. */
  put(value: unknown): number;
  get<Value>(place: number): Value;
  close(): void;
};

/** An archive in a file, which goes with it. */
export const archiveIn = (file: string): Archive => {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'w+', 0o600);
  let end = 0;
  const read = (length: number, from: number) => {
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, from);
    return bytes;
  };
  return {
    put(value) {
      const place = end;
      const packed = deflateRawSync(JSON.stringify(value), { level: 1 });
      const length = Buffer.alloc(LENGTH);
      length.writeUInt32LE(packed.length);
      end += writeSync(descriptor, Buffer.concat([length, packed]), 0, LENGTH + packed.length, place);
      return place;
    },
    get<Value>(place: number) {
      const length = read(LENGTH, place).readUInt32LE();
      return JSON.parse(inflateRawSync(read(length, place + LENGTH)).toString()) as Value;
    },
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
};

/** Bytes before each value that say how many it takes. */
const LENGTH = 4;
