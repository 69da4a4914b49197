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
  const left = new Set<string>();
  for (const { object, is } of inOrder(inFull(difference(to, from), current, target), target)) {
    // Whoever makes it by hand makes what belongs to it.
    if (ancestors(object, target).some((it) => left.has(it))) continue;
    const sql = sqlOf(object, is, current, target);
    if (sql === null) {
      left.add(object);
      const [now, wanted] = [current.get(object)?.text ?? null, target.get(object)?.text ?? null];
      proposal.byHand.push({ object, is, now, wanted });
    } else if (sql.length > 0) {
      proposal.steps.push({ object, is, sql, loses: is === 'not expected' && lost(thingOf(object, current)) });
    }
  }
  return proposal;
};

const byName = (objects: SchemaObject[]): Objects => new Map(objects.map((it) => [it.object, it]));

/** Of a thing that is missing, all that belongs to it is missing, too; a schema goes only when nothing is left in it. */
const inFull = (all: Difference[], current: Objects, target: Objects): Difference[] => {
  const [inTarget, inCurrent] = [target, current].map((it) => Map.groupBy(it.values(), ({ parent }) => parent ?? ''));
  const within = (object: string): string[] =>
    (inTarget!.get(object) ?? []).flatMap((it) => [it.object, ...within(it.object)]);
  return all.flatMap((it) => {
    if (it.is === 'missing') return [it, ...within(it.object).map((object) => ({ object, is: it.is }))];
    if (it.is === 'not expected' && it.object.startsWith('schema '))
      return [it, ...(inCurrent!.get(it.object) ?? []).map(({ object }) => ({ object, is: it.is }))];
    return [it];
  });
};

const ancestors = (object: string, target: Objects): string[] => {
  const parent = target.get(object)?.parent ?? null;
  return parent === null ? [] : [parent, ...ancestors(parent, target)];
};

/** `is` says how what is there now differs from what it is to be. */
const sqlOf = (object: string, is: Difference['is'], current: Objects, target: Objects): string[] | null => {
  if (is === 'missing') return make(thingOf(object, target), target, current);
  return is === 'not expected' ? remove(thingOf(object, current), current) : change(object, current, target);
};

/** First comes what other things stand on; what is to go goes last, when nothing stands on it any more. */
const inOrder = (all: Difference[], target: Objects): Difference[] => {
  const of = new Map(all.map(({ object }) => [object, rank(object, target.get(object)?.text ?? '')]));
  return all.toSorted((a, b) => {
    const [gone, goes] = [a, b].map(({ is }) => is === 'not expected') as [boolean, boolean];
    if (gone !== goes) return gone ? 1 : -1;
    return (of.get(a.object)! - of.get(b.object)!) * (gone ? -1 : 1);
  });
};

/** A key comes before what refers to it. */
const rank = (object: string, text: string): number => {
  const at = STANDS_ON.findIndex((it) => object.startsWith(`${it} `));
  return at === -1 ? STANDS_ON.length : at + (text.startsWith('FOREIGN KEY') ? 0.5 : 0);
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
