import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { allow, stepFunction } from './functions.ts';

/** The function that takes evidence: it alone signs with the key for that, and can do nothing else. */
export const attestFunction = (
  scope: Construct,
  it: { service: string; environment: string; bucket: Bucket; ledger: Table; evidenceKey: Key },
): LambdaFunction =>
  stepFunction(scope, 'Attest', {
    handler: 'attest',
    description: 'Signs what others say of a bundle.',
    environment: {
      ...{ SERVICE: it.service, ENVIRONMENT: it.environment, ACCOUNT: Stack.of(scope).account },
      ...{ BUCKET: it.bucket.bucketName, LEDGER_TABLE: it.ledger.tableName, EVIDENCE_KEY: it.evidenceKey.keyArn },
    },
    allows: [
      allow(['s3:PutObject'], [it.bucket.arnForObjects('evidence/*')]),
      allow(['kms:Sign'], [it.evidenceKey.keyArn]),
      allow(['dynamodb:UpdateItem'], [it.ledger.tableArn], {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['EVIDENCE#*'] },
      }),
    ],
  });
