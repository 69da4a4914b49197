import type { Bundle, Statement } from '../migrations/bundle.ts';
import type { Facts } from '../policy/table-facts.ts';
import type { InspectedCluster } from './inspected.ts';
import { pendingOf } from './pending.ts';
import type { Plan } from './plan.ts';
import { numbersIn } from './ranges.ts';

/** Ids of what a database is to get or, newest first, of what is to be taken back there. */
export const pendingIn = (
  bundle: Bundle,
  database: InspectedCluster['databases'][number],
  direction: Plan['direction'],
): string[] => {
  if (direction === 'up') return pendingOf(bundle, database);
  const taken = numbersIn(database.taken).flatMap((index) => bundle.migrations[index]?.id ?? []);
  return taken.reverse();
};

/**
 * What a plan has been told of tables, as riskOf takes it. Where it was told nothing, since one could not be read, only
 * what is surely new is known to be.
 */
export const factsOf = (
  { facts, direction, migrations }: Pick<Plan, 'facts' | 'direction'> & { migrations: { id: string }[] },
  bundle: Bundle,
): Facts => {
  const statements = statementsOf(bundle, new Set(migrations.map(({ id }) => id)), direction);
  const made = statements.filter(
    ({ kind, sql }) => MAKING.test(kind) && (facts || !/\bif\s+not\s+exists\b/i.test(sql)),
  );
  return {
    tables: new Map((facts ?? []).map((it) => [it.table, it])),
    // One that takes rows out of others meanwhile does not say which of them is new.
    made: new Set(made.flatMap(({ touches = [] }) => (touches.length === 1 ? touches : []))),
  };
};

const MAKING = /^Create(TableAs)?Stmt$/;

/** Everything that is executed for these migrations. */
export const statementsOf = (bundle: Bundle, ids: Set<string>, direction: Plan['direction']): Statement[] =>
  bundle.migrations
    .filter(({ id }) => ids.has(id))
    .flatMap(({ up, down }) => (direction === 'up' ? up : (down?.statements ?? [])));
