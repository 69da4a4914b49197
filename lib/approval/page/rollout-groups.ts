import type { Plan } from '../../fleet/plan.ts';

/** Databases of one wave that get the same, by cluster. */
export type Group = { pending: string[]; databases: number; clusters: { cluster: string; databases: string[] }[] };

export type Wave = { wave: number; groups: Group[]; clusters: number; databases: number };

/** Where a plan goes, in the order in which it does; `untouched` databases have everything already. */
export const rolloutOf = ({ databases }: Plan): { waves: Wave[]; untouched: number } => {
  const touched = databases.filter(({ pending }) => pending.length > 0);
  const waves = [...Map.groupBy(touched, ({ wave }) => wave ?? 0)]
    .toSorted(([a], [b]) => a - b)
    .map(([wave, all]) => ({
      wave,
      groups: groupsOf(all),
      clusters: new Set(all.map(({ cluster }) => cluster)).size,
      databases: all.length,
    }));
  return { waves, untouched: databases.length - touched.length };
};

/** The largest first. */
const groupsOf = (databases: Plan['databases']): Group[] =>
  [...Map.groupBy(databases, ({ pending }) => JSON.stringify(pending)).values()]
    .map((alike) => ({
      pending: alike[0]!.pending,
      databases: alike.length,
      clusters: [...Map.groupBy(alike, ({ cluster }) => cluster)].map(([cluster, all]) => ({
        cluster,
        databases: all.map(({ database }) => database),
      })),
    }))
    .toSorted((a, b) => b.databases - a.databases);
