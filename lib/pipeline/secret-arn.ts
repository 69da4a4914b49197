import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import * as z from 'zod';

/** By what a secret may be named: both end up in IAM policies, where a wildcard or a part of an ARN would mean other secrets, or none. */
export const SecretName = z.union(
  [
    z.string().regex(/^[\w/+=.@-]{1,512}$/),
    z.string().regex(/^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]{1,512}-[A-Za-z0-9]{6}$/),
  ],
  'the name of a secret (letters, digits and /_+=.@-) or its complete ARN',
);

/** What a policy names a secret by. Secrets Manager appends a hyphen and six characters of its own to a secret's name. */
export const secretArn = (scope: Construct, secret: string): string => {
  if (secret.startsWith('arn:')) return secret;
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${secret}-??????`;
};
