import * as z from 'zod';
import { type Difference, difference } from '../database/difference.ts';
import type { SchemaObject } from '../database/objects.ts';
import type { Ended } from './converge.ts';
import { clip } from './texts.ts';

/** In what the databases of a fleet differ; kept in the run's report. */
export const Differences = z.object({
  /** Number of different schemas, of which the groups are the first. */
  schemas: z.number(),
  /** Databases with the same schema, the largest group first: the others are compared with it. */
  groups: z.array(
    z.object({
      fingerprint: z.string(),
      /** Number of databases in it, and the first of them. */
      count: z.number(),
      databases: z.array(z.string()),
      /** The one whose schema was read for it, if one was and could be. */
      read: z.string().nullable(),
      /** Null where they are not known: either schema was not read. Of each kind the number, and the first. */
      differences: z
        .array(
          z.object({
            is: z.enum(['missing', 'not expected', 'different']),
            count: z.number(),
            objects: z.array(z.string()),
          }),
        )
        .nullable(),
      unreadable: z.array(z.object({ database: z.string(), reason: z.string() })),
    }),
  ),
  /** Databases that the run did not get through. They are not compared. */
  unfinished: z.array(
    z.object({
      verdict: z.enum(['failed', 'in doubt', 'running', 'skipped']),
      count: z.number(),
      databases: z.array(z.string()),
    }),
  ),
  /** What it took to read the schemas. */
  dataApiCalls: z.number(),
});

export type Differences = z.infer<typeof Differences>;

/**
 * Finds out in what the groups of a fleet differ, from one database of each of the first eight; where that can't be
 * read, from another one of the group. Nothing is read where there is one group only.
 */
export const differences = async (
  { groups, unfinished }: Ended,
  read: (database: string) => Promise<SchemaObject[]>,
): Promise<Omit<Differences, 'dataApiCalls'>> => {
  const readings = groups.length > 1 ? groups.slice(0, MOST_READ).map((it) => reading(it, read)) : [];
  return {
    schemas: groups.length,
    groups: await Promise.all(
      groups.slice(0, MOST_GROUPS).map(async ({ fingerprint, databases }, at) => {
        const own = (await readings[at]) ?? { read: null, objects: null, unreadable: [] };
        const expected = (await readings[0])?.objects ?? null;
        return {
          fingerprint,
          ...first(databases),
          read: own.read,
          differences: expected && own.objects && byKind(difference(expected, own.objects)),
          unreadable: own.unreadable,
        };
      }),
    ),
    unfinished: VERDICTS.map((verdict) => ({
      verdict,
      ...first(unfinished.filter((it) => it.verdict === verdict).map(({ database }) => database)),
    })).filter(({ count }) => count > 0),
  };
};

const MOST_READ = 8;
const MOST_GROUPS = 100;
const MOST_NAMES = 20;
/** A routine's name has all that it takes in it. */
const MOST_LETTERS = 500;
const VERDICTS = ['failed', 'in doubt', 'running', 'skipped'] as const;
const KINDS = ['missing', 'not expected', 'different'] as const;

const first = (databases: string[]) => ({ count: databases.length, databases: databases.slice(0, MOST_NAMES) });

type Reading = {
  read: string | null;
  objects: SchemaObject[] | null;
  unreadable: { database: string; reason: string }[];
};

const reading = async (
  { databases }: Ended['groups'][number],
  read: (database: string) => Promise<SchemaObject[]>,
): Promise<Reading> => {
  const unreadable: Reading['unreadable'] = [];
  for (const database of candidates(databases)) {
    try {
      return { read: database, objects: await read(database), unreadable };
    } catch (error) {
      unreadable.push({ database, reason: clip(error instanceof Error ? error.message : String(error), MOST_LETTERS) });
    }
  }
  return { read: null, objects: null, unreadable };
};

/** What keeps the first from being read will often keep all of its cluster from that. */
const candidates = ([one, ...others]: string[]): string[] => {
  if (one === undefined) return [];
  const another = others.find((it) => !it.startsWith(one.slice(0, one.indexOf('/') + 1))) ?? others[0];
  return another === undefined ? [one] : [one, another];
};

const byKind = (all: Difference[]) =>
  KINDS.flatMap((is) => {
    const objects = all.filter((it) => it.is === is).map(({ object }) => object);
    return objects.length === 0
      ? []
      : [{ is, count: objects.length, objects: objects.slice(0, MOST_NAMES).map((it) => clip(it, MOST_LETTERS)) }];
  });
