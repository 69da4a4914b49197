import type * as z from 'zod';

/** One version of what lies in a bucket, and what is wrong with it: null if its signature is the environment's. */
export type Reading = { version: string; statement: unknown; flaw: string | null };

/** All versions of an object, newest first, or why they can't be read. */
export type Readings = { versions: Reading[] } | { unreadable: string };

/**
 * The statement that holds: among those that are genuine and of this place, the one that comes last by what they say
 * themselves. Whatever lies over it (an edited one, one signed by somebody else, an old one put there again) does not
 * replace it, but is told: somebody has tampered. What takes a statement back is in the bucket for good, and lies
 * beneath whatever is put over it. Of two said at once, the earlier may come to lie over the later, but then it lies
 * there once: what is put there again lies there twice.
 */
export const holding = <Schema extends z.ZodType<Of>, Of extends object>(
  readings: Readings,
  it: { schema: Schema; expected: Partial<Of>; order: (statement: z.output<Schema>) => number },
): { holds: z.output<Schema> | null; problem: string | null } => {
  if ('unreadable' in readings) return { holds: null, problem: readings.unreadable };
  const { versions } = readings;
  const looked = versions.map((reading) => ({ version: reading.version, ...lookAt(reading, it) }));
  const genuine = looked.flatMap(({ found }, index) => (found ? [{ found, index, order: it.order(found) }] : []));
  const [last] = genuine.toSorted((a, b) => b.order - a.order || a.index - b.index);
  if (versions.length === 0) return { holds: null, problem: null };
  const over = looked[0]!;
  if (!last) return { holds: null, problem: `${over.flaw} (version ${over.version})` };
  const top = genuine.find(({ index }) => index === 0);
  const overtaken = top && !genuine.some(({ index, order }) => index > 0 && order === top.order);
  if (last.index === 0 || overtaken) return { holds: last.found, problem: null };
  const what = over.flaw ?? 'it is an older one, put there again';
  return {
    holds: last.found,
    problem: `what lies there now is not what was written: ${what} (version ${over.version})`,
  };
};

const lookAt = <Schema extends z.ZodType<Of>, Of extends object>(
  { statement, flaw }: Reading,
  { schema, expected }: { schema: Schema; expected: Partial<Of> },
): { found: z.output<Schema> | null; flaw: string | null } => {
  if (flaw !== null) return { found: null, flaw };
  const parsed = schema.safeParse(statement);
  if (!parsed.success) return { found: null, flaw: 'it is signed, but is none' };
  const other = Object.entries(expected).find(
    ([name, value]) => (parsed.data as Record<string, unknown>)[name] !== value,
  );
  if (!other) return { found: parsed.data, flaw: null };
  const [name, value] = other;
  const found = String((parsed.data as Record<string, unknown>)[name]);
  return { found: null, flaw: `it is of ${name} ${short(found)}, not ${short(String(value))}` };
};

const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text.slice(0, 80));
