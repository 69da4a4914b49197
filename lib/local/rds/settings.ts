import { AwsError } from '../protocol/aws-error.ts';
import { numbered } from '../protocol/query.ts';
import type { Xml } from '../protocol/xml.ts';
import { flag, whole } from './members.ts';
import type { State } from './state.ts';

/** What a cluster has besides its data: nothing of it comes along with a restore unless it is asked for. */
export type ClusterSettings = {
  subnetGroup: string;
  securityGroups: string[];
  parameterGroup: string;
  scaling?: { minimum: number; maximum: number; secondsUntilAutoPause?: number | undefined } | undefined;
  /** Set where the storage is encrypted. */
  kmsKeyId?: string | undefined;
  iamAuthentication: boolean;
  backupRetentionDays: number;
  deletionProtection: boolean;
  copyTagsToSnapshot: boolean;
  logExports: string[];
  storageType: string;
};

/** What RDS gives a restored cluster that nothing else is asked for. */
export const defaultSettings = (): ClusterSettings => ({
  subnetGroup: 'default',
  securityGroups: ['sg-0default'],
  parameterGroup: 'default.aurora-postgresql17',
  iamAuthentication: false,
  backupRetentionDays: 1,
  deletionProtection: false,
  copyTagsToSnapshot: false,
  logExports: [],
  storageType: 'aurora',
});

/** Members of a request that {@link requestedSettings} reads. */
export const SETTINGS = [
  'DBSubnetGroupName',
  'VpcSecurityGroupIds',
  'DBClusterParameterGroupName',
  'ServerlessV2ScalingConfiguration',
  'KmsKeyId',
  'EnableIAMDatabaseAuthentication',
  'BackupRetentionPeriod',
  'DeletionProtection',
  'CopyTagsToSnapshot',
  'EnableCloudwatchLogsExports',
  'StorageType',
];

/** The settings of a request, over those it has without them. @throws InvalidParameterValue */
export const requestedSettings = (input: URLSearchParams, otherwise: ClusterSettings): ClusterSettings => {
  const groups = numbered(input, 'VpcSecurityGroupIds.VpcSecurityGroupId');
  const logs = numbered(input, 'EnableCloudwatchLogsExports.member');
  const storageType = input.get('StorageType') ?? otherwise.storageType;
  if (storageType !== 'aurora' && storageType !== 'aurora-iopt1')
    throw new AwsError('InvalidParameterValue', `Invalid storage type: ${storageType}`);
  return {
    subnetGroup: input.get('DBSubnetGroupName')?.toLowerCase() ?? otherwise.subnetGroup,
    securityGroups: groups.length > 0 ? groups : otherwise.securityGroups,
    parameterGroup: input.get('DBClusterParameterGroupName')?.toLowerCase() ?? otherwise.parameterGroup,
    scaling: scaling(input) ?? otherwise.scaling,
    kmsKeyId: input.get('KmsKeyId') ?? otherwise.kmsKeyId,
    iamAuthentication: flag(input, 'EnableIAMDatabaseAuthentication') ?? otherwise.iamAuthentication,
    backupRetentionDays: whole(input, 'BackupRetentionPeriod', 1, 35) ?? otherwise.backupRetentionDays,
    deletionProtection: flag(input, 'DeletionProtection') ?? otherwise.deletionProtection,
    copyTagsToSnapshot: flag(input, 'CopyTagsToSnapshot') ?? otherwise.copyTagsToSnapshot,
    logExports: logs.length > 0 ? logs : otherwise.logExports,
    storageType,
  };
};

/** There is no way to make groups here: those that some cluster has, exist. @throws DBSubnetGroupNotFoundFault … */
export const checkGroups = (input: URLSearchParams, { clusters, snapshots }: Pick<State, 'clusters' | 'snapshots'>) => {
  const all = [...clusters, ...snapshots.map(({ cluster }) => cluster)].map(({ settings }) => settings);
  const check = (member: string, exists: (it: ClusterSettings, name: string) => boolean, code: string) => {
    const name = input.get(member)?.toLowerCase();
    if (name === undefined || [defaultSettings(), ...all].some((it) => exists(it, name))) return;
    throw new AwsError(code, `${member} doesn't refer to an existing group: ${name}`, 404);
  };
  check('DBSubnetGroupName', (it, name) => it.subnetGroup === name, 'DBSubnetGroupNotFoundFault');
  check('DBClusterParameterGroupName', (it, name) => it.parameterGroup === name, 'DBClusterParameterGroupNotFound');
};

const scaling = (input: URLSearchParams): ClusterSettings['scaling'] => {
  const member = (name: string) => {
    const text = input.get(`ServerlessV2ScalingConfiguration.${name}`);
    return text === null ? undefined : Number(text);
  };
  const [minimum, maximum] = [member('MinCapacity'), member('MaxCapacity')];
  const secondsUntilAutoPause = member('SecondsUntilAutoPause');
  if (minimum === undefined && maximum === undefined) return undefined;
  const halves = (it: number | undefined, least: number): it is number =>
    it !== undefined && it >= least && it <= 256 && Number.isInteger(it * 2);
  if (!halves(minimum, 0) || !halves(maximum, 1) || minimum > maximum) {
    throw new AwsError(
      'InvalidParameterValue',
      'The Serverless v2 capacity range is not valid: the minimum is from 0 to 256, the maximum from 1 to 256 and not below it, in steps of 0.5.',
    );
  }
  const pause = secondsUntilAutoPause;
  if (pause !== undefined && (minimum > 0 || !(pause >= 300 && pause <= 86_400))) {
    throw new AwsError(
      'InvalidParameterValue',
      'SecondsUntilAutoPause goes with a minimum capacity of 0 and is from 300 to 86400.',
    );
  }
  return { minimum, maximum, ...(minimum === 0 && { secondsUntilAutoPause: pause ?? 300 }) };
};

export const describedSettings = (it: ClusterSettings): { [name: string]: Xml } => ({
  DBSubnetGroup: it.subnetGroup,
  VpcSecurityGroups: {
    VpcSecurityGroupMembership: it.securityGroups.map((VpcSecurityGroupId) => ({
      VpcSecurityGroupId,
      Status: 'active',
    })),
  },
  DBClusterParameterGroup: it.parameterGroup,
  ServerlessV2ScalingConfiguration: it.scaling && {
    MinCapacity: it.scaling.minimum,
    MaxCapacity: it.scaling.maximum,
    SecondsUntilAutoPause: it.scaling.secondsUntilAutoPause,
  },
  StorageEncrypted: it.kmsKeyId !== undefined,
  KmsKeyId: it.kmsKeyId,
  IAMDatabaseAuthenticationEnabled: it.iamAuthentication,
  BackupRetentionPeriod: it.backupRetentionDays,
  DeletionProtection: it.deletionProtection,
  CopyTagsToSnapshot: it.copyTagsToSnapshot,
  EnabledCloudwatchLogsExports: it.logExports.length > 0 ? { member: it.logExports } : undefined,
  StorageType: it.storageType === 'aurora' ? undefined : it.storageType,
});
