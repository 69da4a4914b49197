import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  AnyPrincipal,
  Effect,
  type IRole,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** What a pipeline's keys sign: what it says itself of bundles, and what others say. Neither can pass for the other. */
export type Signed = 'attestations' | 'evidence';

export type SigningKeys = Record<Signed, Key>;

/** The alias by which other accounts know a key: its ARN can be told without having deployed it. */
export const keyAlias = (service: string, environment: string, signed: Signed): string =>
  `alias/lockstep-${service}-${environment}-${signed}`;

/** The two keys of an environment: ECDSA on P-256. They outlive the stack, as what they signed does. */
export const signingKeys = (
  scope: Construct,
  { service, environment }: { service: string; environment: string },
): SigningKeys => {
  const key = (id: string, signed: Signed) =>
    new Key(scope, id, {
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      alias: keyAlias(service, environment, signed),
      description: `Signs the ${signed} of ${service} in ${environment}.`,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: leftToAccount(scope),
    });
  return { attestations: key('AttestationKey', 'attestations'), evidence: key('EvidenceKey', 'evidence') };
};

/** What a key's account may do with it, as its own policies say. Nobody passes the right to sign on: there are no grants. */
const leftToAccount = (scope: Construct): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new AccountPrincipal(Stack.of(scope).account)],
        actions: [...USED, ...ADMINISTERED].map((action) => `kms:${action}`),
        resources: ['*'],
      }),
    ],
  });

const USED = ['Sign', 'Verify', 'GetPublicKey', 'DescribeKey'];
const ADMINISTERED = [
  ...['GetKeyPolicy', 'PutKeyPolicy', 'GetKeyRotationStatus', 'EnableKey', 'DisableKey', 'UpdateKeyDescription'],
  ...['CreateAlias', 'UpdateAlias', 'DeleteAlias', 'TagResource', 'UntagResource', 'ListResourceTags'],
  ...['ListKeyPolicies', 'ListGrants', 'RevokeGrant', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
];

/**
 * Nobody but these roles signs with a key, and nobody but they writes what it has signed: administrators of the account
 * who may do everything are refused, too, until they change the key's or the bucket's policy, which is seen. What was
 * written stays: no version of it can be deleted.
 */
export const onlyThese = (key: Key, bucket: Bucket, signed: Signed, roles: IRole[]): void => {
  const others = { ArnNotEquals: { 'aws:PrincipalArn': roles.map(({ roleArn }) => roleArn) } };
  const deny = { effect: Effect.DENY, principals: [new AnyPrincipal()] };
  const objects = [bucket.arnForObjects(`${signed}/*`)];
  key.addToResourcePolicy(
    new PolicyStatement({ ...deny, actions: ['kms:Sign'], resources: ['*'], conditions: others }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({ ...deny, actions: ['s3:PutObject'], resources: objects, conditions: others }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({ ...deny, actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'], resources: objects }),
  );
};

/** Lets an account read what an environment has said, and verify it; which of its roles do so is that account's to say. */
export const letRead = (account: string, { bucket, keys }: { bucket: Bucket; keys: SigningKeys }): void => {
  const principals = [new AccountPrincipal(account)];
  for (const key of Object.values(keys))
    key.addToResourcePolicy(new PolicyStatement({ principals, actions: ['kms:Verify'], resources: ['*'] }));
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['s3:GetObjectVersion'],
      resources: ['attestations/*', 'evidence/*'].map((it) => bucket.arnForObjects(it)),
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({ principals, actions: ['s3:GetObject'], resources: [bucket.arnForObjects('bundles/*')] }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['s3:ListBucketVersions'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': ['attestations/*', 'evidence/*'] } },
    }),
  );
};

/** The ARN of another environment's alias, wherever that is. */
export const aliasArn = (scope: Construct, place: { account: string; region: string }, alias: string): string =>
  `arn:${Stack.of(scope).partition}:kms:${place.region}:${place.account}:${alias}`;
