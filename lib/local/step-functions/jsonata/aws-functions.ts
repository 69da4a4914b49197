import { createHash, randomUUID } from 'node:crypto';
import type { Expression as Compiled } from 'jsonata';
import type { Clock } from '../../clock.ts';

/**
 * Gives an expression the functions that Step Functions adds to JSONata, takes `$eval` away, and lets `$now` and
 * `$millis` tell the local cloud's time.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn
 */
export const addAwsFunctions = (expression: Compiled, clock: Clock) => {
  expression.assign('eval', undefined);
  expression.registerFunction('partition', partition);
  expression.registerFunction('range', range);
  expression.registerFunction('hash', hash);
  expression.registerFunction('random', random);
  expression.registerFunction('uuid', () => randomUUID());
  expression.registerFunction('parse', parse);
  expression.registerFunction('millis', () => clock.now().getTime(), '<:n>');
  expression.registerFunction(
    'now',
    function (picture?: string, timezone?: string) {
      const fromMillis = this.environment.lookup('fromMillis').implementation;
      return fromMillis.call(this, clock.now().getTime(), picture, timezone);
    },
    '<s?s?:s>',
  );
};

// AWS's functions answer nothing where these return undefined; it is the field that then fails.

const partition = (array: unknown, size: unknown) => {
  if (array === undefined || size === undefined) return undefined;
  const chunk = Math.trunc(number('partition', 2, size));
  const items = Array.isArray(array) ? array : [array];
  if (chunk < 0) throw new Error('The chunk size of $partition must be positive');
  if (chunk === 0 || items.length === 0) return undefined;
  return Array.from({ length: Math.ceil(items.length / chunk) }, (_, n) => items.slice(n * chunk, (n + 1) * chunk));
};

/** Longest array that AWS's `$range` makes before it runs out of its evaluation memory. */
const LONGEST_RANGE = 360_145;

const range = (start: unknown, end: unknown, step: unknown) => {
  if (start === undefined || end === undefined || step === undefined) return undefined;
  const [from, to, by] = [start, end, step].map((it, n) => Math.trunc(number('range', n + 1, it))) as [
    number,
    number,
    number,
  ];
  if (by === 0 || Math.sign(to - from) * Math.sign(by) < 0) return undefined;
  const length = Math.floor((to - from) / by) + 1;
  if (length > LONGEST_RANGE) throw new Error('Expression evaluation memory limit exceeded');
  // A single number comes back bare, as from AWS.
  return length === 1 ? from : Array.from({ length }, (_, n) => from + n * by);
};

const ALGORITHMS: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const hash = (data: unknown, algorithm: unknown) => {
  if (data === undefined || algorithm === undefined) return undefined;
  if (typeof data !== 'string') throw mismatch('hash', 1);
  const known = typeof algorithm === 'string' && Object.hasOwn(ALGORITHMS, algorithm) && ALGORITHMS[algorithm];
  if (!known) throw new Error(`Unsupported hash algorithm: ${algorithm}. Use ${Object.keys(ALGORITHMS).join(', ')}`);
  return createHash(known).update(data).digest('hex');
};

const random = (seed: unknown) => {
  if (seed === undefined) return Math.random();
  const digest = createHash('sha256')
    .update(String(Math.trunc(number('random', 1, seed))))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
};

const parse = (json: unknown) => {
  if (json === undefined) return undefined;
  if (typeof json !== 'string') throw mismatch('parse', 1);
  return JSON.parse(json);
};

const number = (name: string, index: number, value: unknown) => {
  if (typeof value !== 'number') throw mismatch(name, index);
  return value;
};

const mismatch = (name: string, index: number) =>
  Object.assign(new Error(`Argument ${index} of function "${name}" does not match function signature`), {
    code: 'T0410',
  });
