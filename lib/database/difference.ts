import type { SchemaObject } from './objects.ts';

/** How one thing in a schema is not what it should be. */
export type Difference = { object: string; is: 'missing' | 'not expected' | 'different' };

/**
 * What distinguishes a schema from the expected one: first what is missing, then what is not expected, then what is
 * different, each by name. Of a table that is missing, its columns and indexes are not told one by one.
 */
export const difference = (expected: SchemaObject[], found: SchemaObject[]): Difference[] => {
  const before = new Map(expected.map((it) => [it.object, it]));
  const after = new Map(found.map((it) => [it.object, it]));
  return [
    ...notIn(after, before).map((object) => ({ object, is: 'missing' as const })),
    ...notIn(before, after).map((object) => ({ object, is: 'not expected' as const })),
    ...[...before.values()]
      .filter(({ object, hash }) => after.has(object) && after.get(object)?.hash !== hash)
      .map(({ object }) => ({ object, is: 'different' as const }))
      .sort(byName),
  ];
};

/** A difference as a person would tell it: `index shop.orders_customer is missing`. */
export const sentence = ({ object, is }: Difference): string => `${object} ${PLURAL.test(object) ? 'are' : 'is'} ${is}`;

const PLURAL = /^(grants|default privileges|options|storage parameters|statistics) /;

type Objects = Map<string, SchemaObject>;

/** What `there` has and `here` lacks, except where `here` lacks the thing that it is part of, too. */
const notIn = (here: Objects, there: Objects): string[] =>
  [...there.values()]
    .filter(({ object, parent }) => !here.has(object) && !(parent !== null && there.has(parent) && !here.has(parent)))
    .map(({ object }) => object)
    .sort(byCodeUnit);

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const byName = (a: Difference, b: Difference) => byCodeUnit(a.object, b.object);
