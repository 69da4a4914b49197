import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import { startCompute, stopCompute } from './compute.ts';
import { type Context, instancesOf } from './context.ts';
import { checkAvailable, cluster, described, status } from './describe-clusters.ts';
import { identifier } from './identifier.ts';
import { only } from './members.ts';

/** Stops all instances of a cluster. On AWS it starts again by itself after seven days; here it does not. */
export const stopCluster =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, ['DBClusterIdentifier']);
    const record = cluster(context, identifier(input, 'DBClusterIdentifier'));
    checkAvailable(context, record, 'stopping it');
    record.stopped = true;
    await stopCompute(context, record);
    await context.save();
    return { DBCluster: described(context, record) };
  };

export const startCluster =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, ['DBClusterIdentifier']);
    const record = cluster(context, identifier(input, 'DBClusterIdentifier'));
    const now = status(context, record);
    if (now !== 'stopped') throw new AwsError('InvalidDBClusterStateFault', `Cluster ${record.identifier} is ${now}.`);
    if (instancesOf(context, record).length > 0) await context.clock.busy(startCompute(context, record));
    record.stopped = false;
    await context.save();
    return { DBCluster: described(context, record) };
  };
