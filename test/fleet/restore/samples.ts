import type { DBCluster } from '@aws-sdk/client-rds';
import { keptName, restoredName } from '../../../lib/fleet/restore/names.ts';
import type { RestoreItem } from '../../../lib/fleet/restore/plan.ts';
import type { Shape } from '../../../lib/fleet/restore/shape.ts';
import type { RestorePoint } from '../../../lib/ledger/restore-points.ts';
import { sha256 } from '../../../lib/migrations/digest.ts';

export const execution = 'arn:aws:states:eu-west-1:111111111111:execution:lockstep-shop-production:run-1';
export const owner = { service: 'shop', environment: 'production', execution };

export const shape = (more: Partial<Shape> = {}): Shape => ({
  ...{ engine: 'aurora-postgresql', engineVersion: '17.9', port: 5432, subnetGroup: 'subnets', kmsKey: 'key-1' },
  ...{ securityGroups: ['sg-1', 'sg-2'], parameterGroup: 'parameters', iamAuthentication: true },
  ...{ logExports: ['postgresql'], deletionProtection: true, copyTagsToSnapshot: true, storageType: 'aurora-iopt1' },
  ...{ networkType: 'IPV4', scaling: { minimum: 0.5, maximum: 8, secondsUntilAutoPause: null }, backupRetention: 7 },
  ...{ dataApi: true, tags: [{ Key: 'team', Value: 'blue' }] },
  instances: [instance('db.serverless', 0), instance('db.r8g.large', 2)],
  ...more,
});

const instance = (of: string, promotionTier: number): Shape['instances'][number] => ({
  ...{ class: of, parameterGroup: 'instance-parameters', promotionTier, publiclyAccessible: false },
  ...{ minorUpgrades: true, performanceInsights: true, tags: [] },
});

const at = { cluster: 'orders', resourceId: 'cluster-OLD', at: '2026-11-21T06:00:00.000Z' };

export const points: Record<RestorePoint['kind'], RestorePoint> = {
  snapshot: { kind: 'snapshot', ...at, snapshot: 'lockstep-orders-1' },
  pointInTime: { kind: 'pointInTime', ...at },
  clone: { kind: 'clone', ...at, clone: 'lockstep-orders-1' },
};

export const item = (more: Partial<RestoreItem> = {}): RestoreItem => ({
  ...{ cluster: 'orders', secretArn: 'secret', point: points.snapshot, stands: false, replaces: 'cluster-OLD' },
  restored: more.point?.kind === 'clone' ? 'lockstep-orders-1' : restoredName('orders', execution),
  kept: keptName('orders', 'cluster-OLD', execution),
  shape: shape(),
  databases: [
    { database: 'red', fingerprint: sha256('red') },
    { database: 'blue', fingerprint: sha256('blue') },
  ],
  ...more,
});

/** A cluster as RDS describes it, of that shape. */
export const described = (it: Shape, more: DBCluster = {}): DBCluster => ({
  ...{ Engine: it.engine, EngineVersion: it.engineVersion, Status: 'available', Port: it.port ?? undefined },
  ...{ DBSubnetGroup: it.subnetGroup ?? undefined, DBClusterParameterGroup: it.parameterGroup ?? undefined },
  VpcSecurityGroups: it.securityGroups.map((VpcSecurityGroupId) => ({ VpcSecurityGroupId })),
  ...{ StorageEncrypted: it.kmsKey !== null, KmsKeyId: it.kmsKey ?? undefined },
  IAMDatabaseAuthenticationEnabled: it.iamAuthentication,
  ...{ EnabledCloudwatchLogsExports: it.logExports, DeletionProtection: it.deletionProtection },
  ...{ CopyTagsToSnapshot: it.copyTagsToSnapshot, StorageType: it.storageType ?? undefined },
  ...{ NetworkType: it.networkType ?? undefined, BackupRetentionPeriod: it.backupRetention },
  ...(it.scaling
    ? { ServerlessV2ScalingConfiguration: { MinCapacity: it.scaling.minimum, MaxCapacity: it.scaling.maximum } }
    : {}),
  ...{ HttpEndpointEnabled: it.dataApi, TagList: it.tags },
  ...more,
});
