import { difference } from '../../database/difference.ts';
import type { ReadSchema, SchemaObject } from '../../database/objects.ts';
import { clip } from '../texts.ts';
import type { Bare } from './findings.ts';
import type { Finding } from './report.ts';

/** The ways to schemas and histories. What can't be had is an error. */
export type Reading = {
  /** A schema that was kept when it was seen; null where nobody has kept it. */
  kept(fingerprint: string): Promise<SchemaObject[] | null>;
  /** Reads a database's schema as it is now. */
  schema(database: string): Promise<ReadSchema>;
  /** Ids of the migrations that a database has. */
  migrations(database: string): Promise<string[]>;
};

/**
 * Finds out object by object how the databases of each finding deviate, from one database of each of the first
 * findings; what is expected is known, or is read in a database that has it so. Gives the schemas that it has read,
 * since who mends or accepts a deviation needs all of them.
 */
export const explain = async (
  findings: Bare[],
  reading: Reading,
): Promise<{ findings: Finding[]; schemas: Map<string, SchemaObject[]> }> => {
  const schemas = new Map<string, SchemaObject[]>();
  const explained: Finding[] = [];
  let left = MOST_EXPLAINED;
  for (const { level: _, ...finding } of findings.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind])) {
    const known = finding.kind !== 'unreadable';
    const told = !known ? {} : left > 0 ? await look(finding, reading, schemas) : { why: NOT_LOOKED_INTO };
    if (known) left -= 1;
    explained.push({ ...finding, objects: null, count: 0, ...told });
  }
  return { findings: explained, schemas };
};

const ORDER = { changed: 0, different: 1, apart: 2, migrations: 3, unreadable: 4 };

/** Each takes a call or two; whoever has more ways to deviate begins with these. */
const MOST_EXPLAINED = 20;
const MOST_OBJECTS = 100;
const MOST_LETTERS = 4_000;

const NOT_LOOKED_INTO = `not looked into: these are more than ${MOST_EXPLAINED} findings, mend the first and check again`;

const look = async (
  it: Omit<Bare, 'level'>,
  reading: Reading,
  schemas: Map<string, SchemaObject[]>,
): Promise<Partial<Finding>> => {
  const [first] = it.databases;
  if (!first) return {};
  if (it.kind === 'migrations') return { why: await lacks(first.database, it.like ?? first.database, reading) };
  try {
    const { expected, found } = it;
    const usual = await schemaOf([expected], it.like, reading, schemas);
    if (usual === null) return { why: NOT_KEPT };
    const odd = (await schemaOf([found, expected], first.database, reading, schemas)) ?? [];
    const all = difference(usual, odd);
    const [wanted, there] = [textsOf(usual), textsOf(odd)];
    return {
      count: all.length,
      objects: all.slice(0, MOST_OBJECTS).map(({ object, is }) => ({
        ...{ object, is, expected: wanted.get(object) ?? null, found: there.get(object) ?? null },
      })),
    };
  } catch (error) {
    return { why: (error as Error).message };
  }
};

const NOT_KEPT = 'no database has it as expected any more, and nobody has kept how that was';

/**
 * The schema of a fingerprint, the first of those that will do. A database that was seen to have it may have another
 * one by now: that is known by its own fingerprint, and would explain something else.
 */
const schemaOf = async (
  [asked, ...others]: (string | null)[],
  database: string | null,
  { kept, schema }: Reading,
  schemas: Map<string, SchemaObject[]>,
): Promise<SchemaObject[] | null> => {
  const wanted = asked ?? '';
  const known = schemas.get(wanted) ?? (await kept(wanted));
  if (known !== null) {
    schemas.set(wanted, known);
    return known;
  }
  if (database === null) return null;
  const { fingerprint, objects } = await schema(database);
  if (fingerprint !== null) schemas.set(fingerprint, objects);
  if (![wanted, ...others].includes(fingerprint)) throw new Error(`${database} has changed since it was looked at`);
  return objects;
};

const textsOf = (objects: SchemaObject[]): Map<string, string | null> =>
  new Map(objects.map(({ object, text = null }) => [object, text && clip(text.trim(), MOST_LETTERS)]));

const lacks = async (database: string, like: string, { migrations }: Reading): Promise<string> => {
  try {
    const [own, others] = [await migrations(database), await migrations(like)];
    const missing = others.filter((id) => !own.includes(id));
    const besides = own.filter((id) => !others.includes(id));
    const told = [
      ...(missing.length > 0 ? [`lacks ${few(missing)}`] : []),
      ...(besides.length > 0 ? [`has ${few(besides)} besides`] : []),
    ];
    return told.join(', and ') || 'has other contents of the same migrations';
  } catch (error) {
    return (error as Error).message;
  }
};

const few = (ids: string[]): string =>
  `${ids.length === 1 ? 'migration' : 'migrations'} ${ids.slice(0, 10).join(', ')}${ids.length > 10 ? ` and ${ids.length - 10} more` : ''}`;
