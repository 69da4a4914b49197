import { failure } from '../failure.ts';
import type { Plan } from './plan.ts';

/** What was approved is not what would be done now; nothing was touched. */
export const PlanChanged = failure(
  'PlanChanged',
  (it: { differences: string[] }) =>
    `What would be done now is not what was approved; nothing was touched. Start a new run.\n${few(it.differences).join('\n')}`,
);

/** Says what differs between the plan that was approved and the one that is made of what stands there now. */
export const differences = (approved: Plan, now: Plan): string[] => {
  const found = [...partDifferences(approved, now), ...databaseDifferences(approved, now)];
  return found.length > 0 ? found : ['the plan in the bucket is not the one that was approved'];
};

const partDifferences = (approved: Plan, now: Plan): string[] => {
  const parts: [string, (plan: Plan) => unknown][] = [
    ['the bundle', ({ digest }) => digest],
    ['how it is deployed (approval policy, wave size, concurrency or time-outs)', ({ policy }) => policy],
    ['the declared fleet', ({ fleet }) => fleet],
    ["Lockstep's version", ({ version }) => version],
    ['the kind of restore point', ({ restorePoint }) => restorePoint],
    ['what is taken back', ({ direction, revert }) => `${direction} ${revert}`],
    ['the migrations to be carried out', ({ migrations }) => JSON.stringify(migrations)],
  ];
  return parts
    .filter(([, of]) => of(approved) !== of(now))
    .map(([name, of]) => `${name} has changed${told(of(approved), of(now))}`);
};

const databaseDifferences = (approved: Plan, now: Plan): string[] => {
  const before = new Map(approved.databases.map((it) => [`${it.cluster}/${it.database}`, it]));
  const after = new Map(now.databases.map((it) => [`${it.cluster}/${it.database}`, it]));
  return [
    ...[...after.keys()].filter((name) => !before.has(name)).map((name) => `${name} has come to the fleet`),
    ...[...before].flatMap(([name, was]) => {
      const is = after.get(name);
      return is ? databaseDifference(was, is).map((what) => `${name}: ${what}`) : [`${name} has left the fleet`];
    }),
  ];
};

type Database = Plan['databases'][number];

const databaseDifference = (was: Database, is: Database): string[] => [
  ...(was.pending.join() === is.pending.join()
    ? []
    : [`${was.pending.length} migrations were pending, and ${is.pending.length} are now`]),
  ...(was.head === is.head
    ? []
    : [`its history has changed, from ${was.head ?? 'nothing'} to ${is.head ?? 'nothing'}`]),
  ...(was.fingerprint === is.fingerprint ? [] : ['its schema has changed']),
  ...(was.server === is.server ? [] : [`PostgreSQL was ${was.server} and is ${is.server}`]),
  ...(was.wave === is.wave ? [] : [`it was in wave ${was.wave ?? 'none'} and is in ${is.wave ?? 'none'}`]),
];

/** Digests and names are told; what is long is not. */
const told = (was: unknown, is: unknown): string => {
  const [from, to] = [String(was), String(is)];
  return from.length > 80 || to.length > 80
    ? ''
    : `: ${from.slice(0, 20)} was approved, ${to.slice(0, 20)} is there now`;
};

const few = (all: string[]): string[] =>
  all.length > 30 ? [...all.slice(0, 30), `… and ${all.length - 30} more`] : all;
