import type { QueryOperation } from '../protocol/query.ts';
import type { Context } from './context.ts';

/** Quotas of the account that the local cloud enforces. AWS tells a dozen more, which nothing here could use up. */
export const describeAccount =
  ({ state, quotas }: Context): QueryOperation =>
  async () => {
    const quota = (AccountQuotaName: string, Used: number, Max: number) => ({ AccountQuotaName, Used, Max });
    return {
      AccountQuotas: {
        AccountQuota: [
          quota('DBInstances', state.instances.length, quotas.instances),
          quota('DBClusters', state.clusters.length, quotas.clusters),
          quota('ManualClusterSnapshots', state.snapshots.length, quotas.manualClusterSnapshots),
        ],
      },
    };
  };
