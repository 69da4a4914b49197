import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { LintPolicy } from '../migrations/lint/policy.ts';
import { allow, type StepProps } from './functions.ts';
import { jsonAsset } from './json-asset.ts';

/** The one step that carries PostgreSQL's parser: it looks at the SQL of a bundle once in a run. */
export const lintStep = (
  scope: Construct,
  { bucket, lint, readBundles }: { bucket: Bucket; lint: LintPolicy | undefined; readBundles: PolicyStatement },
): Omit<StepProps, 'handler'> => {
  const policy = lint ? jsonAsset(scope, 'LintPolicy', lint) : null;
  return {
    description: 'Looks at the SQL of the bundle.',
    environment: {
      BUCKET: bucket.bucketName,
      ...(policy ? { LINT_BUCKET: policy.bucket, LINT_KEY: policy.key } : {}),
    },
    allows: [
      readBundles,
      allow(['s3:PutObject'], [bucket.arnForObjects('runs/*/lint.json')]),
      ...(policy ? [allow(['s3:GetObject'], [policy.arn])] : []),
    ],
    timeout: Duration.minutes(5),
    memorySize: 1024,
  };
};
