import { closeSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
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
    const bytes = Buffer.allocUnsafe(length);
    readSync(descriptor, bytes, 0, length, from);
    return bytes;
  };
  return {
    put(value) {
      const place = end;
      const plain = Buffer.from(JSON.stringify(value));
      const isPacked = plain.length > PACKED_FROM;
      const body = isPacked ? deflateRawSync(plain, { level: 1 }) : plain;
      const head = Buffer.allocUnsafe(HEAD);
      head.writeUInt8(isPacked ? 1 : 0);
      head.writeUInt32LE(body.length, 1);
      // Whole or not at all, which a full disk may make of it.
      writeFileSync(descriptor, Buffer.concat([head, body]));
      end += HEAD + body.length;
      return place;
    },
    get<Value>(place: number) {
      const head = read(HEAD, place);
      const body = read(head.readUInt32LE(1), place + HEAD);
      return JSON.parse((head.readUInt8() === 1 ? inflateRawSync(body) : body).toString()) as Value;
    },
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
};

/** Bytes before each value: whether it is packed, and how many it takes. */
const HEAD = 5;

/** Bytes. To pack less takes longer than to write it, and more memory than it is itself. */
const PACKED_FROM = 4_096;
