import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { allow } from './functions.ts';
import { jsonAsset } from './json-asset.ts';
import type { MigrationPipeline } from './migration-pipeline.ts';
import { isSameAccount, type PromotionPath, promotionOf, type UpstreamEnvironment } from './promotion-props.ts';
import { aliasArn, keyAlias, type SigningKeys } from './signing-keys.ts';

type Surroundings = {
  service: string;
  environment: string;
  promotion: PromotionPath[];
  bucket: Bucket;
  keys: SigningKeys;
};

/** What a function needs that checks by which path a bundle has come. */
export type PromotionReach = {
  environment: Record<string, string>;
  reads: PolicyStatement[];
  /** Digest of the paths as declared: an approval is of these, too. */
  digest: string;
};

/** Where an environment is, as the checks read it, and what may be read there. */
type Seen = {
  name: string;
  place: { account: string; region: string; bucket: string; attestations: string; evidence: string };
  statements: PolicyStatement[];
};

/**
 * Reads attestations and evidence of each environment before, and verifies them with its keys; evidence of this one, too.
 * Between accounts, this lets the other side's bucket and keys know which account reads.
 */
export const promotionReach = (scope: Construct, it: Surroundings): PromotionReach => {
  const rules = jsonAsset(scope, 'Promotion', promotionOf(it.promotion));
  const seen = new Map(it.promotion.flatMap(({ after }) => after).map((one) => [one.environment, see(scope, one, it)]));
  const { account, region } = Stack.of(scope);
  const own = {
    ...{ account, region, bucket: it.bucket.bucketName },
    ...{ attestations: it.keys.attestations.keyArn, evidence: it.keys.evidence.keyArn },
  };
  const places = Object.fromEntries([...seen.values()].map(({ name, place }) => [name, place]));
  return {
    environment: {
      SERVICE: it.service,
      ENVIRONMENT: it.environment,
      PROMOTION_BUCKET: rules.bucket,
      PROMOTION_KEY: rules.key,
      PLACES: Stack.of(scope).toJsonString({ ...places, [it.environment]: own }),
    },
    reads: [
      allow(['s3:GetObject'], [rules.arn]),
      ...[...seen.values()].flatMap(({ statements }) => statements),
      ...reading(it.bucket.bucketArn, ['evidence/*']),
      allow(['kms:Verify'], [it.keys.evidence.keyArn]),
    ],
    digest: rules.digest,
  };
};

const see = (scope: Construct, upstream: MigrationPipeline | UpstreamEnvironment, it: Surroundings): Seen => {
  const { environment: name } = upstream;
  const folders = ['attestations/*', 'evidence/*', 'bundles/*'];
  if ('keys' in upstream) {
    const { account, region } = Stack.of(upstream);
    const { bucket, keys } = upstream;
    if (isSameAccount(scope, account) && region === Stack.of(scope).region) {
      const { keyArn: attestations } = keys.attestations;
      const { keyArn: evidence } = keys.evidence;
      return {
        ...{ name, place: { account, region, bucket: bucket.bucketName, attestations, evidence } },
        statements: [...reading(bucket.bucketArn, folders), allow(['kms:Verify'], [attestations, evidence])],
      };
    }
    if (!isSameAccount(scope, account)) upstream.promotesTo(Stack.of(scope));
    return seenByAlias(scope, { name, account, region, bucket: bucket.bucketName }, it.service, folders);
  }
  const { account, region, bucket } = upstream;
  return seenByAlias(scope, { name, account, region, bucket }, it.service, folders);
};

/** No policy names an alias as its resource: it may use keys of that account that it asks for by these aliases. */
const seenByAlias = (
  scope: Construct,
  { name, ...at }: { name: string; account: string; region: string; bucket: string },
  service: string,
  folders: string[],
): Seen => {
  const aliases = {
    attestations: keyAlias(service, name, 'attestations'),
    evidence: keyAlias(service, name, 'evidence'),
  };
  return {
    name,
    place: {
      ...at,
      attestations: aliasArn(scope, at, aliases.attestations),
      evidence: aliasArn(scope, at, aliases.evidence),
    },
    statements: [
      ...reading(`arn:${Stack.of(scope).partition}:s3:::${at.bucket}`, folders),
      allow(['kms:Verify'], [aliasArn(scope, at, 'key/*')], {
        StringEquals: { 'kms:RequestAlias': Object.values(aliases) },
      }),
    ],
  };
};

/** All versions: what takes a statement back must not be hidden by what is put over it. */
const reading = (bucketArn: string, folders: string[]): PolicyStatement[] => [
  allow(
    ['s3:GetObject', 's3:GetObjectVersion'],
    folders.map((it) => `${bucketArn}/${it}`),
  ),
  allow(['s3:ListBucketVersions'], [bucketArn], {
    StringLike: { 's3:prefix': folders.filter((it) => it !== 'bundles/*') },
  }),
];
