import { z } from 'zod';

/** What an event pattern can ask of a value here. EventBridge knows more; that is refused rather than misread. */
const condition = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'anything-but': z.union([z.string(), z.array(z.string()).min(1)]) }),
]);
type Condition = z.output<typeof condition>;

export type Pattern = { [member: string]: Condition[] | Pattern };

export const pattern: z.ZodType<Pattern> = z.lazy(() =>
  z
    .record(z.string(), z.union([z.array(condition).min(1), pattern]))
    .refine((it) => Object.keys(it).length > 0, 'an empty pattern matches nothing')
    .refine((it) => !('$or' in it), '$or is not known here'),
);

/** Every member that the pattern names has to be so; of a list of conditions one is enough. */
export const isMatch = (wanted: Pattern, event: unknown): boolean =>
  Object.entries(wanted).every(([member, it]) => {
    const value = (Object(event) as Record<string, unknown>)[member];
    if (!Array.isArray(it)) return isMatch(it, value);
    const values = Array.isArray(value) ? value : [value];
    return it.some((one) => values.some((each) => holds(one, each)));
  });

const holds = (one: Condition, value: unknown): boolean => {
  if (one === null || typeof one !== 'object') return one === value;
  if ('exists' in one) return one.exists === (value !== undefined);
  if (typeof value !== 'string') return false;
  if ('prefix' in one) return value.startsWith(one.prefix);
  if ('suffix' in one) return value.endsWith(one.suffix);
  return ![one['anything-but']].flat().includes(value);
};
