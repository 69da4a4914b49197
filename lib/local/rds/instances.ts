import { createHash } from 'node:crypto';
import { AwsError } from '../protocol/aws-error.ts';
import type { QueryOperation } from '../protocol/query.ts';
import { startCompute, stopIdleCompute } from './compute.ts';
import { arnOf, type Context, isPast, later } from './context.ts';
import { checkAvailable, cluster, engine, engineVersion } from './describe-clusters.ts';
import { describedInstance, instance, instanceStatus } from './describe-instances.ts';
import { identifier } from './identifier.ts';
import { only, whole } from './members.ts';
import type { ClusterRecord, InstanceRecord } from './state.ts';
import { requestedTags } from './tags.ts';

export const createInstance =
  (context: Context): QueryOperation =>
  async (input) => {
    const { state, save, clock, quotas } = context;
    only(input, MEMBERS);
    const name = identifier(input, 'DBInstanceIdentifier');
    const of = cluster(context, identifier(input, 'DBClusterIdentifier'));
    const wanted = input.get('DBInstanceClass') ?? '';
    const promotionTier = whole(input, 'PromotionTier', 0, 15);
    const tags = requestedTags(input);
    if (input.get('Engine') !== engine(of))
      throw new AwsError('InvalidParameterCombination', `The engine of the cluster ${of.identifier} is ${engine(of)}.`);
    if (![null, engineVersion(of)].includes(input.get('EngineVersion'))) {
      const its = `The engine version of the cluster ${of.identifier} is ${engineVersion(of)}.`;
      throw new AwsError('InvalidParameterCombination', its);
    }
    if (!CLASSES.test(wanted)) throw new AwsError('InvalidParameterValue', `Invalid DB Instance class: ${wanted}`);
    if (wanted === 'db.serverless' && !of.settings.scaling) {
      throw new AwsError(
        'InvalidParameterCombination',
        'Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.',
      );
    }
    if (state.instances.some((it) => it.identifier === name))
      throw new AwsError('DBInstanceAlreadyExists', `DB instance already exists: ${name}`);
    if (state.instances.length >= quotas.instances)
      throw new AwsError('InstanceQuotaExceeded', `Cannot create more than ${quotas.instances} DB instances`);
    checkAvailable(context, of, 'a new instance');
    const parameterGroup = input.get('DBParameterGroupName')?.toLowerCase();
    const made = newInstance(context, of, { identifier: name, class: wanted, parameterGroup, promotionTier, tags });
    state.instances.push(made);
    await clock.busy(startCompute(context, of)).catch((error) => {
      state.instances.splice(state.instances.indexOf(made), 1);
      throw error;
    });
    await save();
    return { DBInstance: describedInstance(context, made) };
  };

const MEMBERS = [
  ...['DBInstanceIdentifier', 'DBClusterIdentifier', 'DBInstanceClass', 'Engine', 'EngineVersion', 'Tags'],
  ...['DBParameterGroupName', 'PromotionTier', 'DBSubnetGroupName', 'PubliclyAccessible', 'AutoMinorVersionUpgrade'],
];

/** Those that Aurora PostgreSQL has. */
const CLASSES =
  /^db\.(serverless|(t3|t4g)\.(medium|large)|(r5|r6g|r6i|r6gd|r6id|r7g|r7i|r8g|x2g)\.(large|(2|4|8|12|16|24|32)?xlarge))$/;

type Wanted = {
  identifier: string;
  class: string;
  parameterGroup?: string | undefined;
  promotionTier?: number | undefined;
  tags?: InstanceRecord['tags'];
};

export const newInstance = (context: Context, of: ClusterRecord, wanted: Wanted): InstanceRecord => {
  const arn = arnOf(context, 'db', wanted.identifier);
  const createdAt = context.clock.now().toISOString();
  return {
    identifier: wanted.identifier,
    arn,
    resourceId: `db-${createHash('sha256').update(`${arn} ${createdAt}`).digest('hex').slice(0, 26).toUpperCase()}`,
    cluster: of.resourceId,
    class: wanted.class,
    parameterGroup: wanted.parameterGroup ?? 'default.aurora-postgresql17',
    promotionTier: wanted.promotionTier ?? 1,
    createdAt,
    availableAt: later(context),
    tags: wanted.tags ?? [],
  };
};

export const deleteInstance =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, ['DBInstanceIdentifier', 'SkipFinalSnapshot', 'DeleteAutomatedBackups']);
    const record = instance(context, identifier(input, 'DBInstanceIdentifier'));
    const now = instanceStatus(context, record);
    if (now === 'deleting' || now === 'creating') {
      throw new AwsError('InvalidDBInstanceState', `Instance ${record.identifier} is already ${now}.`);
    }
    record.goneAt = later(context);
    const of = context.state.clusters.find(({ resourceId }) => resourceId === record.cluster);
    if (of) await stopIdleCompute(context, of);
    await context.save();
    return { DBInstance: describedInstance(context, record) };
  };

/** Some of an instance's, which on AWS takes a restart and a while. */
export const modifyInstance =
  (context: Context): QueryOperation =>
  async (input) => {
    only(input, [
      'DBInstanceIdentifier',
      'ApplyImmediately',
      'DBInstanceClass',
      'PromotionTier',
      'DBParameterGroupName',
    ]);
    const record = instance(context, identifier(input, 'DBInstanceIdentifier'));
    const wanted = input.get('DBInstanceClass') ?? record.class;
    if (!CLASSES.test(wanted)) throw new AwsError('InvalidParameterValue', `Invalid DB Instance class: ${wanted}`);
    if (wanted !== record.class && input.get('ApplyImmediately') !== 'true') {
      throw new AwsError(
        'UnsupportedOperation',
        'The local cloud has no maintenance windows: a new class of an instance needs ApplyImmediately.',
      );
    }
    if (!isPast(context, record.availableAt) || record.goneAt)
      throw new AwsError('InvalidDBInstanceState', `Instance ${record.identifier} is not available.`);
    record.class = wanted;
    record.promotionTier = whole(input, 'PromotionTier', 0, 15) ?? record.promotionTier;
    record.parameterGroup = input.get('DBParameterGroupName')?.toLowerCase() ?? record.parameterGroup;
    await context.save();
    return { DBInstance: describedInstance(context, record) };
  };
