import type { DBCluster, DBInstance, ModifyDBClusterCommandInput, Tag } from '@aws-sdk/client-rds';
import * as z from 'zod';

const Tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

/** What a cluster has besides its data. A restore brings back none of it unless it is asked for. */
export const Shape = z.strictObject({
  engine: z.string(),
  engineVersion: z.string(),
  port: z.number().nullable(),
  subnetGroup: z.string().nullable(),
  securityGroups: z.array(z.string()),
  parameterGroup: z.string().nullable(),
  kmsKey: z.string().nullable(),
  iamAuthentication: z.boolean(),
  logExports: z.array(z.string()),
  deletionProtection: z.boolean(),
  copyTagsToSnapshot: z.boolean(),
  storageType: z.string().nullable(),
  networkType: z.string().nullable(),
  scaling: z
    .strictObject({ minimum: z.number(), maximum: z.number(), secondsUntilAutoPause: z.number().nullable() })
    .nullable(),
  backupRetention: z.number(),
  dataApi: z.boolean(),
  tags: Tags,
  /** The writer first. */
  instances: z.array(
    z.strictObject({
      class: z.string(),
      parameterGroup: z.string().nullable(),
      promotionTier: z.number().nullable(),
      publiclyAccessible: z.boolean().nullable(),
      minorUpgrades: z.boolean().nullable(),
      performanceInsights: z.boolean().nullable(),
      tags: Tags,
    }),
  ),
});

export type Shape = z.infer<typeof Shape>;

/** What a cluster looks like, for another one to be made like it. */
export const shapeOf = (it: DBCluster, instances: DBInstance[]): Shape => {
  const writers = new Set(
    (it.DBClusterMembers ?? []).flatMap((one) => (one.IsClusterWriter ? one.DBInstanceIdentifier : [])),
  );
  const order = (one: DBInstance) => `${writers.has(one.DBInstanceIdentifier) ? 0 : 1} ${one.DBInstanceIdentifier}`;
  const scaling = it.ServerlessV2ScalingConfiguration;
  return {
    engine: it.Engine ?? 'aurora-postgresql',
    engineVersion: it.EngineVersion ?? '',
    port: it.Port ?? null,
    subnetGroup: it.DBSubnetGroup ?? null,
    securityGroups: (it.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    parameterGroup: it.DBClusterParameterGroup ?? null,
    kmsKey: it.StorageEncrypted ? (it.KmsKeyId ?? null) : null,
    iamAuthentication: it.IAMDatabaseAuthenticationEnabled ?? false,
    logExports: it.EnabledCloudwatchLogsExports ?? [],
    deletionProtection: it.DeletionProtection ?? false,
    copyTagsToSnapshot: it.CopyTagsToSnapshot ?? false,
    storageType: it.StorageType ?? null,
    networkType: it.NetworkType ?? null,
    scaling: scaling
      ? {
          minimum: scaling.MinCapacity ?? 0,
          maximum: scaling.MaxCapacity ?? 0,
          secondsUntilAutoPause: scaling.SecondsUntilAutoPause ?? null,
        }
      : null,
    backupRetention: it.BackupRetentionPeriod ?? 1,
    dataApi: it.HttpEndpointEnabled ?? false,
    tags: ownersTags(it.TagList),
    instances: instances
      .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
      .map((one) => ({
        class: one.DBInstanceClass ?? '',
        parameterGroup: one.DBParameterGroups?.[0]?.DBParameterGroupName ?? null,
        promotionTier: one.PromotionTier ?? null,
        publiclyAccessible: one.PubliclyAccessible ?? null,
        minorUpgrades: one.AutoMinorVersionUpgrade ?? null,
        performanceInsights: one.PerformanceInsightsEnabled ?? null,
        tags: ownersTags(one.TagList),
      })),
  };
};

/** AWS's own tags can't be set, and ours say of a restore point whose it is, which the new cluster is not. */
const ownersTags = (tags: Tag[] | undefined): z.infer<typeof Tags> =>
  (tags ?? [])
    .map(({ Key = '', Value = '' }) => ({ Key, Value }))
    .filter(({ Key }) => !/^(aws|lockstep):/.test(Key))
    .toSorted((a, b) => (a.Key < b.Key ? -1 : 1));

/** What both ways of restoring a cluster are told of the shape. */
export const restoreWith = (it: Shape) => ({
  ...(it.port === null ? {} : { Port: it.port }),
  ...(it.subnetGroup === null ? {} : { DBSubnetGroupName: it.subnetGroup }),
  ...(it.securityGroups.length === 0 ? {} : { VpcSecurityGroupIds: it.securityGroups }),
  ...(it.parameterGroup === null ? {} : { DBClusterParameterGroupName: it.parameterGroup }),
  ...(it.kmsKey === null ? {} : { KmsKeyId: it.kmsKey }),
  ...(it.logExports.length === 0 ? {} : { EnableCloudwatchLogsExports: it.logExports }),
  ...(it.storageType === null ? {} : { StorageType: it.storageType }),
  ...(it.networkType === null ? {} : { NetworkType: it.networkType }),
  ...scalingOf(it),
  EnableIAMDatabaseAuthentication: it.iamAuthentication,
  DeletionProtection: it.deletionProtection,
  CopyTagsToSnapshot: it.copyTagsToSnapshot,
});

/** What has to be changed of a cluster for it to have the shape: a clone was made with little of it. */
export const changesTo = (found: DBCluster, wanted: Shape): Partial<ModifyDBClusterCommandInput> => {
  const is = shapeOf(found, []);
  const differs = (of: (it: Shape) => unknown): boolean => JSON.stringify(of(is)) !== JSON.stringify(of(wanted));
  return {
    ...(differs((it) => it.backupRetention) ? { BackupRetentionPeriod: wanted.backupRetention } : {}),
    ...(differs((it) => it.iamAuthentication) ? { EnableIAMDatabaseAuthentication: wanted.iamAuthentication } : {}),
    ...(differs((it) => it.deletionProtection) ? { DeletionProtection: wanted.deletionProtection } : {}),
    ...(differs((it) => it.copyTagsToSnapshot) ? { CopyTagsToSnapshot: wanted.copyTagsToSnapshot } : {}),
    ...(differs((it) => it.parameterGroup) && wanted.parameterGroup !== null
      ? { DBClusterParameterGroupName: wanted.parameterGroup }
      : {}),
    ...(differs((it) => it.scaling) ? scalingOf(wanted) : {}),
  };
};

const scalingOf = ({ scaling }: Shape) =>
  scaling === null
    ? {}
    : {
        ServerlessV2ScalingConfiguration: {
          MinCapacity: scaling.minimum,
          MaxCapacity: scaling.maximum,
          ...(scaling.secondsUntilAutoPause === null ? {} : { SecondsUntilAutoPause: scaling.secondsUntilAutoPause }),
        },
      };
