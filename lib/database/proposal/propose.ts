import { type Difference, difference, sentence } from '../difference.ts';
import type { SchemaObject } from '../objects.ts';
import { change } from './change.ts';
import { make } from './make.ts';
import { type Objects, thingOf } from './parts.ts';
import { lost, remove } from './remove.ts';

/** How a schema could be brought to another one. */
export type Proposal = {
  /** In an order that works, each with what it is for. */
  steps: { object: string; is: Difference['is']; sql: string[]; loses: boolean }[];
  /** What nobody but a person can write. */
  byHand: { object: string; is: Difference['is']; now: string | null; wanted: string | null }[];
};

/**
 * Proposes SQL that brings a database from one schema to another, and does no harm where it has been brought there: what
 * is made is made if it isn't there, what is dropped is dropped if it is. A proposal is for a person to read; what can't
 * be said safely is left to them.
 */
export const propose = (from: SchemaObject[], to: SchemaObject[]): Proposal => {
  const [current, target] = [byName(from), byName(to)];
  const proposal: Proposal = { steps: [], byHand: [] };
  for (const { object, is } of inOrder(difference(to, from))) {
    const sql = sqlOf(object, is, current, target);
    if (sql === null) {
      const [now, wanted] = [current.get(object)?.text ?? null, target.get(object)?.text ?? null];
      proposal.byHand.push({ object, is, now, wanted });
    } else if (sql.length > 0) {
      proposal.steps.push({ object, is, sql, loses: is === 'not expected' && lost(thingOf(object, current)) });
    }
  }
  return proposal;
};

const byName = (objects: SchemaObject[]): Objects => new Map(objects.map((it) => [it.object, it]));

/** `is` says how what is there now differs from what it is to be. */
const sqlOf = (object: string, is: Difference['is'], current: Objects, target: Objects): string[] | null => {
  if (is === 'missing') return make(thingOf(object, target), target);
  return is === 'not expected' ? remove(thingOf(object, current), current) : change(object, current, target);
};

/** First goes what stands on other things, then comes what other things stand on. */
const inOrder = (all: Difference[]): Difference[] =>
  all.toSorted((a, b) => {
    const [gone, goes] = [a, b].map(({ is }) => is === 'not expected') as [boolean, boolean];
    if (gone !== goes) return gone ? -1 : 1;
    return (rank(a.object) - rank(b.object)) * (gone ? -1 : 1);
  });

const rank = (object: string): number => {
  const at = STANDS_ON.findIndex((it) => object.startsWith(`${it} `));
  return at === -1 ? STANDS_ON.length : at;
};

const STANDS_ON = [
  ...[
    'schema',
    'extension',
    'enum',
    'domain',
    'composite type',
    'range type',
    'sequence',
    'table',
    'partitioned table',
  ],
  ...['column', 'function', 'procedure', 'default of column', 'constraint', 'index', 'view', 'materialized view'],
  ...['trigger', 'policy', 'rule', 'row level security of table', 'comment on', 'grants on'],
];

/** A proposal as a script for people: what each step is for stands above it. */
export const script = ({ steps, byHand }: Proposal, told: (object: string, is: Difference['is']) => string): string =>
  [
    ...steps.map(({ object, is, sql, loses }) =>
      [comment(told(object, is)), ...(loses ? [comment('what is stored in it is lost')] : []), ...sql.map(closed)].join(
        '\n',
      ),
    ),
    ...byHand.map(({ object, is, now, wanted }) =>
      [
        comment(`to be written by hand: ${told(object, is)}`),
        ...(now ? [comment(`  it is now: ${now}`)] : []),
        ...(wanted ? [comment(`  it should be: ${wanted}`)] : []),
      ].join('\n'),
    ),
  ].join('\n\n');

/** As {@link sentence} says it. */
export const plainly = (object: string, is: Difference['is']): string => sentence({ object, is });

/** Whatever an object is called, it can't end the comment. */
const comment = (text: string): string =>
  text
    .split(/\r\n|[\n\r\f\v\u2028\u2029\u0085]/)
    .map((line) => `-- ${line}`.trimEnd())
    .join('\n');

const closed = (sql: string): string => `${sql.trimEnd()};`;
