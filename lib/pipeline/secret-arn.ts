import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What a policy names a secret by. Secrets Manager appends a hyphen and six characters of its own to a secret's name. */
export const secretArn = (scope: Construct, secret: string): string => {
  if (secret.startsWith('arn:')) return secret;
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${secret}-??????`;
};
