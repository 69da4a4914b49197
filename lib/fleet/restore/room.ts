import { DescribeAccountAttributesCommand } from '@aws-sdk/client-rds';
import type { Rds } from '../restore-point/look.ts';
import { type RestorePlan, RestoreRefused } from './plan.ts';

/** Makes sure that the account may have so many clusters and instances more. @throws RestoreRefused */
export const roomFor = async (client: Rds, { restores, clusters }: RestorePlan): Promise<void> => {
  const made = clusters.filter(({ stands }) => !stands);
  const needed = {
    DBClusters: made.filter(({ point }) => point.kind !== 'clone').length,
    DBInstances: made.reduce((sum, { shape }) => sum + shape.instances.length, 0),
  };
  const { AccountQuotas = [] } = await client.send(new DescribeAccountAttributesCommand({}));
  const problems = Object.entries(needed).flatMap(([name, many]) => {
    const { Used = 0, Max = Number.POSITIVE_INFINITY } =
      AccountQuotas.find(({ AccountQuotaName }) => AccountQuotaName === name) ?? {};
    const left = Math.max(0, Max - Used);
    return many <= left
      ? []
      : [
          `${many} ${name} are needed and ${left} are left (${Used} of ${Max} are used). Restore fewer with --cluster, or raise the quota.`,
        ];
  });
  if (problems.length > 0) throw new RestoreRefused({ run: restores, problems });
};
