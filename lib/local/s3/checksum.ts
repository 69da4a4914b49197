import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { AwsError } from '../protocol/aws-error.ts';

/**
 * Compares the body with the checksums it was sent with, in headers or trailers.
 * Returns the `x-amz-checksum-…` headers to keep with the object and give back.
 */
export const verifyChecksums = (body: Buffer, headers: IncomingHttpHeaders | Record<string, string>) => {
  const md5 = headers['content-md5'];
  if (md5 && md5 !== createHash('md5').update(body).digest('base64')) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.exec(name)?.[1] as Algorithm | undefined;
    if (!algorithm) continue;
    if (value !== digests[algorithm](body)) {
      throw new AwsError(
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
    kept[name] = String(value);
  }
  return kept;
};

type Algorithm = keyof typeof digests;

const digests = {
  crc32: (body: Buffer) => bigEndian(BigInt(crc32(body)), 4),
  crc32c: (body: Buffer) => bigEndian(crc(body, 0x82f63b78n, 32), 4),
  crc64nvme: (body: Buffer) => bigEndian(crc(body, 0x9a6c9329ac4bc9b5n, 64), 8),
  sha1: (body: Buffer) => createHash('sha1').update(body).digest('base64'),
  sha256: (body: Buffer) => createHash('sha256').update(body).digest('base64'),
};

const bigEndian = (value: bigint, bytes: number) =>
  Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex').toString('base64');

/** A reflected CRC of 32 or 64 bits, table-driven; the state is two 32-bit halves, since bigints per byte are slow. */
const crc = (body: Buffer, polynomial: bigint, bits: 32 | 64) => {
  const { low, high } = tables(polynomial);
  let l = 0xffffffff;
  let h = bits === 64 ? 0xffffffff : 0;
  for (const byte of body) {
    const index = (l ^ byte) & 0xff;
    l = (((l >>> 8) | (h << 24)) ^ low[index]!) >>> 0;
    h = ((h >>> 8) ^ high[index]!) >>> 0;
  }
  const final = BigInt(~l >>> 0);
  return bits === 64 ? (BigInt(~h >>> 0) << 32n) | final : final;
};

const tables = (polynomial: bigint) => {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    low[byte] = Number(value & 0xffffffffn);
    high[byte] = Number(value >> 32n);
  }
  return { low, high };
};
