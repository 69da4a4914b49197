import { createHash } from 'node:crypto';
import type { Bundle } from './bundle.ts';

/** SHA-256 of a bundle's canonical JSON, hex: the bundle's name in every environment. */
export const digest = (bundle: Bundle): string => sha256(canonical(bundle));

/** SHA-256 of bytes, or of a text's UTF-8, hex. */
export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** JSON with sorted keys (by code unit, the same on every machine) and without blanks; fields without value are left out. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
};

/** Freezes a value and all that is in it. */
export const frozen = <Value>(value: Value): Value => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    for (const field of Object.values(value)) frozen(field);
    Object.freeze(value);
  }
  return value;
};
