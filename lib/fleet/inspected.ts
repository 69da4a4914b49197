import * as z from 'zod';
import { ClusterIdentifier, DatabaseName, Place } from './fleet.ts';
import { Ranges } from './ranges.ts';

/** Where the databases of one cluster stand before a run. */
export const InspectedCluster = z.object({
  cluster: ClusterIdentifier,
  clusterArn: z.string(),
  secretArn: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  /** What keeps it from being worked on at all: nobody has looked at its databases then. */
  problems: z.array(z.string()).default([]),
  databases: z.array(
    z.object({
      database: DatabaseName,
      installed: z.boolean(),
      fingerprint: z.string(),
      /** Hash of the history: tells whether anything in it has changed since. */
      head: z.string(),
      /** How far it is; see `levelOf`. */
      level: z.string().default(''),
      /** `server_version_num`: 170009 is 17.9. */
      server: z.number(),
      blemishes: z.array(z.string()),
      ...Place.shape,
      /** Where a run is taken back: the places in the bundle of what stands of it. */
      taken: Ranges,
      problems: z.array(z.string()),
      dataApiCalls: z.number(),
      labels: z.record(z.string(), z.string()).default({}),
      /** How much disk it takes; 0 where that is not known. */
      bytes: z.number().default(0),
    }),
  ),
});

export type InspectedCluster = z.infer<typeof InspectedCluster>;

/** A cluster whose inspection broke down: each of its databases is a problem of the plan. */
export const BrokenInspection = z
  .object({
    ...InspectedCluster.omit({ databases: true }).shape,
    databases: z.array(DatabaseName),
    error: z.object({ Error: z.string(), Cause: z.string().optional() }),
  })
  .transform(({ databases, error, ...where }): InspectedCluster => {
    const problem = `could not be inspected: ${error.Error} ${error.Cause ?? ''}`.slice(0, 1000).trim();
    return { ...where, databases: databases.map((database) => unread(database, problem, 0)) };
  });

/** What is said of a database that can't be read. */
export const unread = (
  database: string,
  problem: string,
  dataApiCalls: number,
): InspectedCluster['databases'][number] => ({
  database,
  installed: false,
  fingerprint: '',
  head: '',
  level: '',
  server: 0,
  blemishes: [],
  applied: 0,
  late: [],
  taken: [],
  problems: [problem],
  dataApiCalls,
  labels: {},
  bytes: 0,
});
