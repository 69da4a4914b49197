import type { RDSDataClient } from '@aws-sdk/client-rds-data';
import type { Database } from '../database/session.ts';
import { fromList } from '../fleet/discovery/from-list.ts';
import { FleetSource } from '../fleet/discovery/source.ts';
import { FleetUnreadable } from '../fleet/discovery/unreadable.ts';
import { objects } from '../ledger/objects.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** A database of a fleet, with the cluster's name. */
export type Target = Database & { cluster: string };

/**
 * The databases of a fleet, as a run that begins now would find them, but found with the rights of whoever asks: what
 * no run has ever seen can be adopted that way, too. @throws FleetUnreadable
 */
export const targetsOf = async (connected: Clients, pipeline: Pipeline, data: RDSDataClient): Promise<Target[]> => {
  const { stateMachineArn, fleet } = pipeline;
  const [, partition = '', , region = '', account = ''] = stateMachineArn.split(':');
  const source = FleetSource.parse(await objects(connected.s3, fleet.bucket).json(fleet.key));
  if (Array.isArray(source)) {
    return fromList(source).flatMap(({ cluster, secret, databases }) =>
      [...databases].map((database) => ({
        ...{ cluster, database, secretArn: secret ?? '' },
        clusterArn: `arn:${partition}:rds:${region}:${account}:cluster:${cluster}`,
      })),
    );
  }
  const [{ discover }, { RDSClient }] = await Promise.all([
    import('../fleet/discovery/discover.ts'),
    import('@aws-sdk/client-rds'),
  ]);
  const registry = fleet.table === undefined ? undefined : { client: connected.dynamodb, name: fleet.table };
  const services = { rds: new RDSClient({ maxAttempts: 10 }), data, registry, place: { partition, region, account } };
  const { clusters, problems } = await discover(source, services, { checked: false });
  const all = [...problems, ...clusters.flatMap((it) => it.problems.map((problem) => `${it.cluster}: ${problem}`))];
  if (all.length > 0) throw new FleetUnreadable({ source: 'where it is declared', reason: all.join('\n') });
  return clusters.flatMap(({ cluster, clusterArn, secretArn, databases }) =>
    databases.map((database) => ({ cluster, clusterArn, secretArn, database })),
  );
};
