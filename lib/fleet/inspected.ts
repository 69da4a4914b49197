import * as z from 'zod';
import { ClusterIdentifier, DatabaseName } from './fleet.ts';

/** Where the databases of one cluster stand before a run. */
export const InspectedCluster = z.object({
  cluster: ClusterIdentifier,
  clusterArn: z.string(),
  secretArn: z.string(),
  databases: z.array(
    z.object({
      database: DatabaseName,
      installed: z.boolean(),
      fingerprint: z.string(),
      blemishes: z.array(z.string()),
      applied: z.number(),
      problems: z.array(z.string()),
    }),
  ),
  dataApiCalls: z.number(),
});

export type InspectedCluster = z.infer<typeof InspectedCluster>;
