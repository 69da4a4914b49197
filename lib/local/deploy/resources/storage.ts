import { z } from 'zod';
import { UnresolvableTemplate } from '../../template/template.ts';
import { ignored, type Resource, resource } from '../resource.ts';

export const bucket: Resource = resource(
  {
    BucketName: z.string().optional(),
    VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
    // Who may read, how it is encrypted, logged and aged: everything stays on this disk, and nothing expires.
    BucketEncryption: ignored,
    PublicAccessBlockConfiguration: ignored,
    OwnershipControls: ignored,
    LifecycleConfiguration: ignored,
    LoggingConfiguration: ignored,
    MetricsConfigurations: ignored,
    InventoryConfigurations: ignored,
  },
  ({ BucketName, VersioningConfiguration }, { services, place, name }) => {
    const bucketName = BucketName ?? name(63).toLowerCase();
    services.store.ensureBucket(bucketName, VersioningConfiguration?.Status === 'Enabled');
    return {
      ref: bucketName,
      attributes: {
        Arn: `arn:${place.partition}:s3:::${bucketName}`,
        DomainName: `${bucketName}.s3.amazonaws.com`,
        RegionalDomainName: `${bucketName}.s3.${place.region}.amazonaws.com`,
      },
    };
  },
);

const keys = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const index = z.looseObject({ IndexName: z.string(), KeySchema: keys, Projection: z.looseObject({}) });
const tableProperties = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keys,
  GlobalSecondaryIndexes: z.array(index).optional(),
  LocalSecondaryIndexes: z.array(index).optional(),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  // The store has neither backups nor encryption, and nothing expires; AWS, too, promises expiry only "within two days".
  TimeToLiveSpecification: ignored,
  SSESpecification: ignored,
  WarmThroughput: ignored,
};
type TableProperties = z.output<z.ZodObject<typeof tableProperties>>;

export const table: Resource = resource(
  {
    ...tableProperties,
    PointInTimeRecoverySpecification: ignored,
    DeletionProtectionEnabled: ignored,
    ContributorInsightsSpecification: ignored,
    TableClass: ignored,
    ProvisionedThroughput: ignored,
    OnDemandThroughput: ignored,
  },
  (properties, context) => ensureTable(properties, context),
);

/** What CDK's TableV2 renders. One replica, the one in this region, is a plain table. */
export const globalTable: Resource = resource(
  {
    ...tableProperties,
    Replicas: z
      .array(z.looseObject({ Region: z.string() }))
      .length(1, 'the local cloud has one region, hence one replica'),
    WriteProvisionedThroughputSettings: ignored,
    WriteOnDemandThroughputSettings: ignored,
  },
  (properties, context) => ensureTable(properties, context),
);

/** Creates the table, unless it stands already; then its keys must be the same. */
const ensureTable = async (
  it: TableProperties,
  { services: { tables }, stack, logicalId, name, arn }: Parameters<Resource>[1],
) => {
  const TableName = it.TableName ?? name(255);
  const plain = (indexes: z.output<typeof index>[] | undefined) =>
    indexes?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
  const wanted = {
    TableName,
    AttributeDefinitions: it.AttributeDefinitions,
    KeySchema: it.KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(it.GlobalSecondaryIndexes ? { GlobalSecondaryIndexes: plain(it.GlobalSecondaryIndexes) } : {}),
    ...(it.LocalSecondaryIndexes ? { LocalSecondaryIndexes: plain(it.LocalSecondaryIndexes) } : {}),
  };
  const standing = await tables.describe(TableName);
  if (!standing) await tables.create(wanted);
  else if (shape(standing) !== shape(wanted)) {
    const problem = `the table ${TableName} was kept from an earlier run and has other keys or indexes. Give the cloud another directory.`;
    throw new UnresolvableTemplate({ stack, path: logicalId, problem });
  }
  return { ref: TableName, attributes: { Arn: arn('dynamodb', `table/${TableName}`) } };
};

type Shape = { KeySchema?: unknown; GlobalSecondaryIndexes?: unknown; LocalSecondaryIndexes?: unknown };

const shape = ({ KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }: Shape) => {
  const indexes = [...(GlobalSecondaryIndexes as object[]), ...(LocalSecondaryIndexes as object[])] as z.output<
    typeof index
  >[];
  const text = (keySchema: unknown) =>
    (keySchema as z.output<typeof keys>).map(({ AttributeName }) => AttributeName).join();
  return [text(KeySchema), ...indexes.map(({ IndexName, KeySchema }) => `${IndexName}:${text(KeySchema)}`).sort()].join(
    ' ',
  );
};
