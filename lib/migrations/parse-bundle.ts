import * as z from 'zod';
import { failure } from '../failure.ts';
import type { Bundle } from './bundle.ts';
import { canonical, frozen, sha256 } from './digest.ts';

export const BundleTampered = failure(
  'BundleTampered',
  (it: { expected: string; found: string }) =>
    `The bundle's digest is ${it.found}, but ${it.expected} was asked for: it is not the bundle that was built. Build and upload it again.`,
);

export const BundleUnreadable = failure(
  'BundleUnreadable',
  (it: { digest: string; reason: string }) =>
    `The bundle ${it.digest} can't be read: ${it.reason}. Build it again with the version of Lockstep that runs it.`,
);

/**
 * Reads a bundle's canonical JSON and makes sure that it is the one asked for. Loads no SQL parser, so that it can be
 * used in a Lambda.
 * @throws BundleTampered, BundleUnreadable
 */
export const parseBundle = (text: string, digest: string): Bundle => {
  const found = sha256(text);
  if (found !== digest) throw new BundleTampered({ expected: digest, found });
  const parsed = shape.safeParse(json(text, digest));
  if (!parsed.success) throw new BundleUnreadable({ digest, reason: told(parsed.error) });
  if (canonical(parsed.data) !== text) throw new BundleUnreadable({ digest, reason: 'it is not canonical JSON' });
  return frozen(parsed.data);
};

const json = (text: string, digest: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BundleUnreadable({ digest, reason: 'it is not JSON' }, { cause });
  }
};

const told = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'bundle'}: ${message}`).join('; ');

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().min(1);

const settlement = z.discriminatedUnion('by', [
  z.strictObject({ by: z.enum(['index present', 'index absent']), schema: text.nullable(), index: text }),
  z.strictObject({ by: z.literal('repeating') }),
]);

const statement = z
  .strictObject({
    sql: text,
    line: z.int().min(1),
    offset: z.int().min(0),
    length: z.int().min(1),
    kind: text,
    transactional: z.boolean(),
    wire: text.optional(),
    settles: settlement.optional(),
  })
  .refine(({ transactional, wire }) => transactional === (wire === undefined), {
    error: 'wire stands exactly where a statement is not transactional',
  })
  .refine(({ transactional, settles }) => !transactional || settles === undefined, {
    error: 'settles stands only where a statement is not transactional',
  });

const mode = z.enum(['transactional', 'stepwise']);
const fits = (it: { mode: z.output<typeof mode> }, statements: z.output<typeof statement>[]): boolean =>
  (it.mode === 'transactional') === statements.every(({ transactional }) => transactional);
const unfit = { error: 'mode is not what the statements ask for' };

const down = z
  .strictObject({ file: text, checksum: hash, mode, statements: z.array(statement) })
  .refine((it) => fits(it, it.statements), unfit);

const migration = z
  .strictObject({
    id: text,
    name: text,
    file: text,
    checksum: hash,
    mode,
    up: z.array(statement),
    down: down.nullable(),
  })
  .refine((it) => fits(it, it.up), unfit);

const shape: z.ZodType<Bundle> = z.strictObject({
  format: z.literal(1, { error: 'its format is not 1, the only one known here' }),
  migrations: z
    .array(migration)
    .min(1)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { error: 'an id occurs twice' }),
});
