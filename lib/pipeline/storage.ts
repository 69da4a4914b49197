import { Duration, PhysicalName, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export type Storage = { bucket: Bucket; ledger: Table; topic: Topic };

/** What a pipeline remembers and whom it tells. Bucket and ledger outlive the stack: they are the evidence. */
export const storage = (scope: Construct): Storage => {
  const common = {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    removalPolicy: RemovalPolicy.RETAIN,
  };
  const accessLog = new Bucket(scope, 'AccessLog', { ...common, lifecycleRules: [{ expiration: Duration.days(400) }] });
  const bucket = new Bucket(scope, 'Bundles', {
    ...common,
    // Other accounts need a name that is known before it is deployed; it has one if there are any.
    bucketName: PhysicalName.GENERATE_IF_NEEDED,
    versioned: true,
    serverAccessLogsBucket: accessLog,
    // What was only planned is evidence of nothing.
    lifecycleRules: ['previews/', 'runs/_preview/'].map((prefix) => ({
      ...{ prefix, expiration: Duration.days(30), noncurrentVersionExpiration: Duration.days(1) },
    })),
  });
  const ledger = new Table(scope, 'Ledger', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    // Nonces and signatures that were seen are forgotten when they are worth nothing any more.
    timeToLiveAttribute: 'expires',
    encryption: TableEncryption.AWS_MANAGED,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const topic = new Topic(scope, 'Approvals', {
    enforceSSL: true,
    masterKey: Alias.fromAliasName(scope, 'TopicKey', 'alias/aws/sns'),
  });
  return { bucket, ledger, topic };
};
