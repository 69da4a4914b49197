import * as z from 'zod';
import { failure } from '../failure.ts';
import type { Bundle } from './bundle.ts';
import { canonical, frozen, sha256 } from './digest.ts';
import { LintPolicy } from './lint/policy.ts';

export const BundleTampered = failure(
  'BundleTampered',
  (it: { expected: string; found: string }) =>
    `The bundle's digest is ${it.found}, but ${it.expected} was asked for: it is not the bundle that was built. An upload leaves what lies there as it is: take \`bundles/${it.expected}.json\` out of the bucket, or give it back the version that was uploaded, and run it again.`,
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
    column: z.int().min(2).optional(),
    offset: z.int().min(0),
    length: z.int().min(1),
    kind: text,
    transactional: z.boolean(),
    group: z.int().min(1).optional(),
    isolation: z.enum(['repeatable read', 'serializable']).optional(),
    wire: text.optional(),
    settles: settlement.optional(),
    touches: z.array(text).min(1).optional(),
  })
  .refine(({ transactional, wire }) => transactional || wire !== undefined, {
    error: 'wire is missing where a statement is not transactional',
  })
  .refine(({ transactional, wire, sql }) => !transactional || wire !== sql, {
    error: 'wire is no other than sql where a statement is transactional',
  })
  .refine(({ transactional, settles, isolation }) => (transactional ? settles : isolation) === undefined, {
    error: 'settles stands only where a statement is not transactional, isolation only where it is',
  });

type Stated = z.output<typeof statement>;
const groupOf = (one: Stated | undefined): number => one?.group ?? 0;

/** Groups ascend without gaps, a statement outside of transactions has one to itself, isolation stands at its head. */
const grouped = (all: Stated[]): boolean =>
  all.every((one, at) => {
    const before = all[at - 1];
    const ascent = groupOf(one) - groupOf(before);
    if (!before) return ascent === 0;
    if (ascent === 1) return true;
    return ascent === 0 && one.transactional && before.transactional && one.isolation === undefined;
  });

const statements = z.array(statement).refine(grouped, { error: 'its groups are not in order' });
const mode = z.enum(['transactional', 'stepwise']);
const fits = (it: { mode: z.output<typeof mode> }, all: Stated[]): boolean =>
  (it.mode === 'transactional') === all.every((one) => one.transactional && groupOf(one) === 0);
const unfit = { error: 'mode is not what the statements ask for' };

const directives = z
  .strictObject({
    stepwise: z.literal(true).optional(),
    lockTimeout: z.int().min(1).optional(),
    statementTimeout: z.int().min(1).optional(),
    outOfOrder: z.literal(true).optional(),
    losesRows: z.array(text).min(1).optional(),
    acceptsDrift: hash.optional(),
  })
  .refine((it) => Object.keys(it).length > 0, { error: 'directives is there, but empty' });

const down = z
  .strictObject({
    file: text,
    checksum: hash,
    mode,
    directives: directives
      .refine((it) => !it.outOfOrder && !it.losesRows, { error: 'a down has no order of its own' })
      .refine((it) => it.acceptsDrift === undefined, { error: 'a down accepts nothing' })
      .optional(),
    statements,
  })
  .refine((it) => fits(it, it.statements), unfit);

const place = { line: z.int().min(1), direction: z.literal('down').optional() };
const rule = text.max(100);

const found = z.strictObject({
  ...place,
  ...{ rule, statement: z.int().min(0).optional(), column: z.int().min(1), of: text.max(2_000).optional() },
});

const exception = z.strictObject({ ...place, rule, statement: z.int().min(0), reason: text.max(500) });

const lint = z.strictObject({
  own: z.array(found).optional(),
  squawk: z.array(found).optional(),
  exceptions: z.array(exception).optional(),
});

const migration = z
  .strictObject({
    id: text,
    name: text,
    file: text,
    checksum: hash,
    mode,
    directives: directives.optional(),
    up: statements,
    down: down.nullable(),
    lint: lint.optional(),
  })
  .refine((it) => fits(it, it.up), unfit);

const check = z.strictObject({
  ...{ name: text, file: text, checksum: hash, when: z.enum(['before', 'after', 'both']), sql: text },
});

const shape: z.ZodType<Bundle> = z.strictObject({
  format: z.literal(1, { error: 'its format is not 1, the only one known here' }),
  lint: z.strictObject({ version: z.int().min(1), policy: LintPolicy.optional() }).optional(),
  migrations: z
    .array(migration)
    .min(1)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { error: 'an id occurs twice' }),
  verify: z
    .array(check)
    .min(1)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, { error: 'a check occurs twice' })
    .optional(),
});
