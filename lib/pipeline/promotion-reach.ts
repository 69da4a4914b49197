import { Stack, Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { failure } from '../failure.ts';
import type { Place } from '../policy/promotion/path.ts';
import { allow } from './functions.ts';
import { jsonAsset } from './json-asset.ts';
import type { MigrationPipeline } from './migration-pipeline.ts';
import { isSameAccount, type PromotionPath, promotionOf, type UpstreamEnvironment } from './promotion-props.ts';
import { aliasArn, keyAlias, type Signed, type SigningKeys } from './signing-keys.ts';

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
  /** To read what is attested, and to verify it. */
  checks: PolicyStatement[];
  /** To take a bundle from an environment before. */
  bundles: PolicyStatement;
  /** Digest of the paths as declared: an approval is of these, too. */
  digest: string;
};

/** Whether two environments are in one account can't be told. */
export const Nowhere = failure(
  'Nowhere',
  (it: { pipeline: string; upstream: string }) =>
    `${it.pipeline} comes after ${it.upstream}: give the stacks of both an account and a region, or neither of them.`,
);

/** An environment before: where it is, and how its keys may be used. */
type Seen = { name: string; place: Place; bucketArn: string; verify(signed: Signed): PolicyStatement };

/**
 * Reads what the paths ask for in each environment before, and verifies it with its keys. Between accounts, this lets the
 * other side's bucket and keys know which account reads.
 */
export const promotionReach = (scope: Construct, it: Surroundings): PromotionReach => {
  const promotion = promotionOf(it.promotion);
  const rules = jsonAsset(scope, 'Promotion', promotion);
  const upstream = new Map(it.promotion.flatMap(({ after }) => after.map((one) => [one.environment, one] as const)));
  const before = [...upstream.values()].map((one) => see(scope, one, it));
  const { account, region } = Stack.of(scope);
  const own: Seen = {
    name: it.environment,
    place: {
      ...{ account, region, bucket: it.bucket.bucketName },
      ...{ attestations: it.keys.attestations.keyArn, evidence: it.keys.evidence.keyArn },
    },
    bucketArn: it.bucket.bucketArn,
    verify: (signed) => allow(['kms:Verify'], [it.keys[signed].keyArn]),
  };
  const asks = ({ name }: Seen) =>
    promotion.paths.some(({ evidence }) => evidence.some((one) => one.in === null || one.in === name));
  return {
    environment: {
      ...{ SERVICE: it.service, ENVIRONMENT: it.environment },
      ...{ PROMOTION_BUCKET: rules.bucket, PROMOTION_KEY: rules.key },
      PLACES: Stack.of(scope).toJsonString(
        Object.fromEntries([...before, own].map(({ name, place }) => [name, place])),
      ),
    },
    checks: [
      allow(['s3:GetObject'], [rules.arn]),
      ...before.flatMap((one) => reading(one, asks(one) ? ['attestations', 'evidence'] : ['attestations'])),
      ...(asks(own) ? reading(own, ['evidence']) : []),
    ],
    bundles: allow(
      ['s3:GetObject'],
      before.map(({ bucketArn }) => `${bucketArn}/bundles/*`),
    ),
    digest: rules.digest,
  };
};

/** All versions: what takes a statement back must not be hidden by what is put over it. */
const reading = ({ bucketArn, verify }: Seen, signed: Signed[]): PolicyStatement[] => {
  const folders = signed.map((one) => `${one}/*`);
  return [
    allow(
      ['s3:GetObjectVersion'],
      folders.map((it) => `${bucketArn}/${it}`),
    ),
    allow(['s3:ListBucketVersions'], [bucketArn], { StringLike: { 's3:prefix': folders } }),
    ...signed.map(verify),
  ];
};

const see = (scope: Construct, upstream: MigrationPipeline | UpstreamEnvironment, it: Surroundings): Seen => {
  const { environment: name } = upstream;
  if (!('keys' in upstream)) return seenByAlias(scope, { ...upstream, name, service: it.service });
  const { account, region } = Stack.of(upstream);
  const { bucket, keys } = upstream;
  if (!isSameAccount(scope, account) || region !== Stack.of(scope).region) {
    const places = [account, region, Stack.of(scope).account, Stack.of(scope).region];
    if (places.some((it) => Token.isUnresolved(it))) throw new Nowhere({ pipeline: scope.node.path, upstream: name });
    upstream.promotesTo(Stack.of(scope));
    return seenByAlias(scope, { name, account, region, bucket: bucket.bucketName, service: it.service });
  }
  const { keyArn: attestations } = keys.attestations;
  const { keyArn: evidence } = keys.evidence;
  return {
    ...{ name, place: { account, region, bucket: bucket.bucketName, attestations, evidence } },
    ...{ bucketArn: bucket.bucketArn, verify: (signed) => allow(['kms:Verify'], [keys[signed].keyArn]) },
  };
};

/** No policy names an alias as its resource: it may use those keys of that account that it asks for by the alias. */
const seenByAlias = (
  scope: Construct,
  it: { name: string; service: string; account: string; region: string; bucket: string },
): Seen => {
  const { name, service, account, region, bucket } = it;
  const alias = (signed: Signed) => keyAlias(service, name, signed);
  return {
    name,
    place: {
      ...{ account, region, bucket, attestations: aliasArn(scope, it, alias('attestations')) },
      evidence: aliasArn(scope, it, alias('evidence')),
    },
    bucketArn: `arn:${Stack.of(scope).partition}:s3:::${bucket}`,
    verify: (signed) =>
      allow(['kms:Verify'], [aliasArn(scope, it, 'key/*')], {
        StringEquals: { 'kms:RequestAlias': alias(signed) },
      }),
  };
};
