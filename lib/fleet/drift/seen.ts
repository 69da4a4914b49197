import * as z from 'zod';
import { ClusterIdentifier, DatabaseName } from '../fleet.ts';

/** What a check has seen of a cluster's databases; of many databases it may be one part. */
export const SeenCluster = z.object({
  cluster: ClusterIdentifier,
  clusterArn: z.string(),
  secretArn: z.string(),
  /** What kept everybody from looking at it, where nobody knows its databases, of which that would be told. */
  problems: z.array(z.string()).default([]),
  databases: z.array(
    z.object({
      database: DatabaseName,
      fingerprint: z.string(),
      level: z.string(),
      /** Number of migrations that it has. */
      applied: z.number(),
      /** Why it could not be read. */
      problem: z.string().nullable(),
      dataApiCalls: z.number(),
    }),
  ),
});

export type SeenCluster = z.infer<typeof SeenCluster>;

/** A cluster whose databases nobody could look at. */
export const BrokenLook = z
  .object({
    ...SeenCluster.omit({ databases: true }).shape,
    databases: z.array(DatabaseName),
    error: z.object({ Error: z.string(), Cause: z.string().optional() }),
  })
  .transform(({ databases, error, ...where }): SeenCluster => {
    const problem = `could not be looked at: ${error.Error} ${error.Cause ?? ''}`.slice(0, 1000).trim();
    return { ...where, databases: databases.map((database) => unseen(database, problem, 0)) };
  });

/** What is said of a database that can't be read. */
export const unseen = (database: string, problem: string, dataApiCalls: number): SeenCluster['databases'][number] => ({
  ...{ database, fingerprint: '', level: '', applied: 0, problem, dataApiCalls },
});

/** One database of a fleet that was looked at, by its name and where it is. */
export type Seen = SeenCluster['databases'][number] & { name: string; clusterArn: string; secretArn: string };

/** All databases, in an order of their own: a distributed map answers in any. */
export const allSeen = (clusters: SeenCluster[]): Seen[] =>
  clusters
    .flatMap(({ cluster, clusterArn, secretArn, databases }) =>
      databases.map((it) => ({ ...it, name: `${cluster}/${it.database}`, clusterArn, secretArn })),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
