import type { Session } from '../database/session.ts';
import { tableFacts } from '../database/table-facts.ts';
import { whyUnreadable } from '../database/unreadable.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { largest, type TableFacts } from '../policy/table-facts.ts';
import type { InspectedCluster } from './inspected.ts';
import type { Plan } from './plan.ts';
import { pendingIn, statementsOf } from './plan-facts.ts';

/** Databases that are looked at: the largest table of a fleet may be in another than the largest database. */
const LOOKED_AT = 3;

/**
 * What the tables are like that pending statements touch, in the largest databases that have something pending: one
 * Data API call in each. Null where one can't be read, and `unread` is told why: it may be the one where a table is
 * largest, so that the plan then knows nothing of any.
 */
export const readFacts = async (
  session: Session,
  bundle: Bundle,
  fleet: InspectedCluster[],
  {
    direction,
    remaining,
    unread,
  }: { direction: Plan['direction']; remaining: () => number; unread: (database: string, why: string) => void },
): Promise<TableFacts[] | null> => {
  const pending = fleet.flatMap(({ databases, ...where }) =>
    databases
      .map((it) => ({ ...where, ...it, pending: pendingIn(bundle, it, direction) }))
      .filter((it) => it.pending.length > 0),
  );
  const ids = new Set(pending.flatMap((it) => it.pending));
  const tables = [...new Set(statementsOf(bundle, ids, direction).flatMap(({ touches = [] }) => touches))].sort();
  const looked = pending
    .toSorted((a, b) => b.bytes - a.bytes || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, LOOKED_AT)
    .map(async (it) => {
      try {
        const found = await tableFacts(session, it, tables, remaining);
        return found.map((facts) => ({ ...facts, database: nameOf(it) }));
      } catch (error) {
        const why = whyUnreadable(error);
        if (why === null) throw error;
        unread(nameOf(it), why);
        return null;
      }
    });
  const found = await Promise.all(looked);
  return found.includes(null) ? null : largest(found.flatMap((facts) => facts ?? []));
};

const nameOf = ({ cluster, database }: { cluster: string; database: string }): string => `${cluster}/${database}`;
