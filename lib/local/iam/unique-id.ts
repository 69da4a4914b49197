import { createHash } from 'node:crypto';

/** IAM's unique ids: `AROA…` for roles, `AIDA…` for users. Here the same for the same ARN, for as long as there is one. */
export const uniqueId = (prefix: 'AROA' | 'AIDA', arn: string): string =>
  prefix + [...createHash('sha256').update(arn).digest()].slice(0, 17).map(base32).join('');

/** One of the 32 letters of which AWS makes its ids. */
export const base32 = (byte: number): string => BASE32[byte % 32]!;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
