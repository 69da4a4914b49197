import { KMSClient } from '@aws-sdk/client-kms';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Deployed } from '../../lib/cli/local-cloud.ts';
import { sign } from '../../lib/ledger/signed.ts';
import { standingOf } from '../../lib/ledger/standings.ts';
import { type Attestation, attestationKey } from '../../lib/policy/promotion/statements.ts';

/**
 * Says of a bundle that it has succeeded in the sample's staging, as the one role that can: for stories of production
 * alone, also of bundles that would fail in staging.
 */
export const vouch = async ({ cloud, pipelines, clients }: Deployed, digest: string, at: Date): Promise<void> => {
  const staging = pipelines.find(({ environment }) => environment === 'staging');
  const report = cloud.roles.all().find(({ name }) => /^OrdersStaging-MigrationsReportRole/.test(name));
  if (!staging || !report) throw new Error('the sample is not deployed here');
  // A success of its own stands.
  const standing = await standingOf({ client: clients.dynamodb, name: staging.ledger }, digest);
  if (standing?.standing === 'succeeded') return;
  const { account, region } = cloud.place;
  const client = { endpoint: cloud.endpoint, region, credentials: await asReport(cloud, report) };
  const now = at.toISOString();
  const said: Attestation = {
    ...{ kind: 'attestation', version: 1, service: staging.service, environment: 'staging', account, digest },
    ...{ run: 'vouched', plan: null, token: at.getTime(), standing: 'succeeded', because: null, wholeFleet: true },
    ...{ databases: 1, verdicts: { applied: 1 }, fingerprint: null, startedAt: now, endedAt: now, since: now },
    ...{ requestedBy: 'a test', approvedBy: [], milliseconds: 0, migrations: [], pace: null },
  };
  const alias = `alias/lockstep-${staging.service}-staging-attestations`;
  const Body = JSON.stringify(await sign(new KMSClient(client), alias, said));
  await new S3Client(client).send(new PutObjectCommand({ Bucket: staging.bucket, Key: attestationKey(digest), Body }));
};

/** Credentials of a role that trusts Lambda only, until it is told otherwise for a moment. */
const asReport = async (cloud: Deployed['cloud'], { arn: RoleArn, trust }: ReturnType<typeof cloud.roles.find>) => {
  const { account, region } = cloud.place;
  const statements = [{ Effect: 'Allow' as const, Action: 'sts:AssumeRole', Resource: RoleArn }];
  const { accessKey: credentials } = cloud.createUser({ name: 'voucher', statements });
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  trust.Statement.push({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal });
  const sts = new STSClient({ endpoint: cloud.endpoint, region, credentials });
  const { Credentials: it } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'vouching' }));
  trust.Statement.pop();
  return {
    ...{ accessKeyId: it?.AccessKeyId ?? '', secretAccessKey: it?.SecretAccessKey ?? '' },
    sessionToken: it?.SessionToken ?? '',
  };
};
