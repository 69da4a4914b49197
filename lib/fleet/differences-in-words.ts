import type { Differences } from './differences.ts';
import { clip } from './texts.ts';

/**
 * How a fleet's databases differ, in one sentence: `97 alike; 3 (a/x, b/y, c/z) lack index public.orders_customer; 1
 * (d/w) has column public.orders.note besides`. Bounded whatever the fleet: it becomes a failure's cause, which holds
 * 32,768 characters and has it twice, the second time in the stack.
 */
export const inWords = (it: Differences): string => {
  const { schemas, groups } = it;
  const [largest, ...others] = groups;
  const parts = [
    ...(largest ? [measure(largest)] : []),
    ...others.slice(0, MOST_TOLD).map((group) => `${named(group)} ${how(group)}`),
    ...rest(it),
  ];
  const head = schemas > 1 ? `The fleet has ${schemas} different schemas` : 'The fleet is not all at one schema';
  return `${[clip(`${head}: ${parts.join('; ') || 'no database is at it'}`, MOST_LETTERS), ...unfinished(it)].join('; ')}.`;
};

type Group = Differences['groups'][number];

/** Besides the largest: those of which a schema is read. */
const MOST_TOLD = 7;
const MOST_LETTERS = 6_000;

const measure = (group: Group): string => {
  const what = group.count === 1 ? `${named(group)} to compare with` : `${group.count} alike`;
  return `${what}${unread(group)}`;
};

const named = ({ count, databases }: Pick<Group, 'count' | 'databases'>): string =>
  `${count} (${few(databases, count, 3)})`;

/** `a, b, c and 4 more` */
export const few = (all: string[], count: number, most: number): string => {
  const shown = all.slice(0, most);
  return count > shown.length ? `${shown.join(', ')} and ${count - shown.length} more` : shown.join(', ');
};

/** What distinguishes a group from the largest. */
const how = (group: Group): string => {
  const one = group.count === 1;
  if (group.differences === null) return `${one ? 'differs' : 'differ'} in what is not known${unread(group)}`;
  if (group.differences.length === 0) return one ? 'is alike by now' : 'are alike by now';
  const told = group.differences.map(({ is, ...it }) => phrase(is, it, one)).join(', and ');
  return `${told}${unread(group)}`;
};

/** `lacks index public.a, table public.b`; of `one` database, or of several. */
export const phrase = (is: keyof typeof PHRASES, it: { count: number; objects: string[] }, one: boolean): string =>
  PHRASES[is](things(it), one);

const PHRASES = {
  missing: (what: string, one: boolean) => `${one ? 'lacks' : 'lack'} ${what}`,
  'not expected': (what: string, one: boolean) => `${one ? 'has' : 'have'} ${what} besides`,
  different: (what: string, one: boolean) => `${one ? 'has' : 'have'} another definition of ${what}`,
};

const things = ({ count, objects }: { count: number; objects: string[] }): string => {
  let length = 0;
  const names = objects
    .map((it) => clip(printable(it), 150))
    .filter((it, at) => {
      length += it.length;
      return at === 0 || length <= 300;
    });
  return few(names, count, names.length);
};

const unread = ({ unreadable }: Group): string =>
  unreadable.map(({ database, reason }) => ` [${database}: ${clip(printable(reason), 150)}]`).join('');

/** The schemas that nobody has looked into. */
const rest = ({ schemas, groups }: Differences): string[] => {
  const left = groups.slice(MOST_TOLD + 1);
  if (left.length === 0) return [];
  const count = schemas - MOST_TOLD - 1;
  const names = few(
    left.flatMap(({ databases: [one] }) => one ?? []),
    count,
    3,
  );
  return [`${count} more ${count === 1 ? 'schema' : 'schemas'}, not looked into (${names})`];
};

const unfinished = ({ unfinished: all }: Differences): string[] => {
  const count = all.reduce((sum, it) => sum + it.count, 0);
  const told = all.map(({ verdict, ...it }) => `${verdict}: ${few(it.databases, it.count, 3)}`);
  return count === 0
    ? []
    : [`${count} did not get through the run and ${count === 1 ? 'is' : 'are'} no drift (${told.join('; ')})`];
};

/** An object may be called anything; what it is called goes to terminals and into messages. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, '\u{fffd}');
