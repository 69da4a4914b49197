import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import { removeData } from './compute.ts';
import { type Context, instancesOf, later } from './context.ts';
import { cluster, described, status } from './describe-clusters.ts';
import { identifier } from './identifier.ts';
import { flag, only } from './members.ts';
import { takeSnapshot } from './snapshots.ts';

export const deleteCluster =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, ['DBClusterIdentifier', 'SkipFinalSnapshot', 'FinalDBSnapshotIdentifier', 'DeleteAutomatedBackups']);
    const record = cluster(context, identifier(input, 'DBClusterIdentifier'));
    const skips = flag(input, 'SkipFinalSnapshot') ?? false;
    if (skips === input.has('FinalDBSnapshotIdentifier')) {
      throw new AwsError(
        'InvalidParameterCombination',
        skips
          ? "FinalDBSnapshotIdentifier can't be specified together with SkipFinalSnapshot."
          : 'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
      );
    }
    if (flag(input, 'DeleteAutomatedBackups') === false)
      throw new AwsError('UnsupportedOperation', 'The local cloud keeps no backups of clusters that are deleted.');
    if (record.settings.deletionProtection) {
      throw new AwsError(
        'InvalidParameterCombination',
        'Cannot delete protected Cluster, please disable deletion protection and try again.',
      );
    }
    if (instancesOf(context, record).length > 0) {
      throw new AwsError(
        'InvalidDBClusterStateFault',
        'Cluster cannot be deleted, it still contains DB instances in non-deleting state.',
      );
    }
    const now = status(context, record);
    if (now === 'deleting' || now === 'renaming')
      throw new AwsError('InvalidDBClusterStateFault', `Cluster ${record.identifier} is ${now}.`);
    if (!skips) await takeSnapshot(context, record, identifier(input, 'FinalDBSnapshotIdentifier'), []);
    record.goneAt = later(context);
    await removeData(context, record);
    await context.save();
    return { DBCluster: described(context, record) };
  };
