import { GetPublicKeyCommand, KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { type LocalCloud, openCloud } from '../../lib/local/cloud.ts';
import type { Statement } from '../../lib/local/iam/statement.ts';
import { neighbourhood } from '../../lib/local/neighbours.ts';
import { assemblyOf, temporary } from './cloud-harness.ts';

const A = '111111111111';
const B = '222222222222';
const ROOT_OF_B = { AWS: `arn:aws:iam::${B}:root` };
const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };

/** Account A with a bucket and a key of these policies, and account B beside it. */
const twoAccounts = async ({ bucket = [], key = [] }: { bucket?: object[]; key?: object[] }) => {
  const neighbours = neighbourhood();
  const open = async (account: string) => {
    const cloud = await openCloud({ directory: temporary(), place: { account }, neighbours });
    onTestFinished(() => cloud.stop());
    return cloud;
  };
  const [a, b] = [await open(A), await open(B)];
  const KeyPolicy = { Version: '2012-10-17', Statement: key };
  await a.deploy(
    assemblyOf({
      Stack: {
        Resources: {
          Bucket: {
            Type: 'AWS::S3::Bucket',
            Properties: { BucketName: 'bundles', VersioningConfiguration: { Status: 'Enabled' } },
          },
          Policy: {
            Type: 'AWS::S3::BucketPolicy',
            Properties: { Bucket: 'bundles', PolicyDocument: { Statement: bucket } },
          },
          Key: {
            Type: 'AWS::KMS::Key',
            Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', KeyPolicy },
          },
          Alias: {
            Type: 'AWS::KMS::Alias',
            Properties: { AliasName: 'alias/ours', TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
          },
        },
      },
    }),
  );
  return { a, b };
};

const as = (cloud: LocalCloud, name: string, ...statements: Statement[]) => {
  const { accessKeyId, secretAccessKey } = cloud.createUser({ name, statements }).accessKey;
  return settingsOf(cloud, { accessKeyId, secretAccessKey });
};
const asOwner = (cloud: LocalCloud) => settingsOf(cloud, { accessKeyId: 'local', secretAccessKey: 'local' });
const settingsOf = ({ endpoint }: LocalCloud, credentials: { accessKeyId: string; secretAccessKey: string }) => ({
  ...{ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 },
});

const ALIAS = `arn:aws:kms:us-east-1:${A}:alias/ours`;
const sign = (KeyId = ALIAS) =>
  new SignCommand({ KeyId, Message: Buffer.from('it'), SigningAlgorithm: 'ECDSA_SHA_256' });
const read = new GetObjectCommand({ Bucket: 'bundles', Key: 'successes/1' });
const reading = { Effect: 'Allow', Principal: ROOT_OF_B, Action: 's3:GetObject', Resource: 'arn:aws:s3:::bundles/*' };

test('another account reads a bucket if its policy and the policies of who reads allow it', async () => {
  const { a, b } = await twoAccounts({ bucket: [reading] });
  await new S3Client(asOwner(a)).send(new PutObjectCommand({ Bucket: 'bundles', Key: 'successes/1', Body: 'well' }));
  const { Body } = await new S3Client(as(b, 'reader', everything)).send(read);
  expect(await Body?.transformToString()).toBe('well');
  await expect(new S3Client(as(b, 'nobody')).send(read)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('no identity-based policy allows the s3:GetObject action'),
  });
  const list = new ListObjectVersionsCommand({ Bucket: 'bundles' });
  await expect(new S3Client(as(b, 'lister', everything)).send(list)).rejects.toMatchObject({
    message: expect.stringContaining('no resource-based policy allows the s3:ListBucketVersions action'),
  });
});

test('who may do everything in one account may do nothing in another that says nothing of it, its root neither', async () => {
  const { b } = await twoAccounts({});
  for (const settings of [as(b, 'admin', everything), asOwner(b)])
    await expect(new S3Client(settings).send(read)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test("a Deny of the bucket's policy stands against everything", async () => {
  const { b } = await twoAccounts({ bucket: [reading, { ...reading, Effect: 'Deny' }] });
  await expect(new S3Client(as(b, 'reader', everything)).send(read)).rejects.toMatchObject({
    message: expect.stringContaining('with an explicit deny in a resource-based policy'),
  });
});

test("a key's policy decides who uses it, root and administrators too", async () => {
  const { a } = await twoAccounts({
    key: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${A}:user/signer` }, Action: 'kms:Sign', Resource: '*' }],
  });
  expect(await new KMSClient(as(a, 'signer')).send(sign())).toMatchObject({ SigningAlgorithm: 'ECDSA_SHA_256' });
  for (const settings of [as(a, 'admin', everything), asOwner(a)])
    await expect(new KMSClient(settings).send(sign())).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/ is not authorized to perform: kms:Sign on resource: arn:aws:kms:.*:key\//),
    });
});

test("where a key's policy names the account, the account's own policies decide, by condition on the alias as well", async () => {
  const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${A}:root` }, Action: 'kms:*', Resource: '*' };
  const { a } = await twoAccounts({ key: [root] });
  const byAlias: Statement = {
    ...{ Effect: 'Allow', Action: 'kms:Sign', Resource: `arn:aws:kms:us-east-1:${A}:key/*` },
    Condition: { StringEquals: { 'kms:RequestAlias': 'alias/ours' } },
  };
  const byName = new KMSClient(as(a, 'by-alias', byAlias));
  const { KeyId = '' } = await byName.send(sign());
  await expect(byName.send(sign(KeyId))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(new KMSClient(as(a, 'nobody')).send(sign())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(await new KMSClient(asOwner(a)).send(sign())).toMatchObject({ KeyId });
});

test('another account verifies with a key, by its ARN or the ARN of its alias, and signs nothing', async () => {
  const { a, b } = await twoAccounts({
    key: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${A}:root` }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: ROOT_OF_B, Action: 'kms:Verify', Resource: '*' },
    ],
  });
  const { Signature, KeyId } = await new KMSClient(asOwner(a)).send(sign());
  const there = new KMSClient(as(b, 'verifier', everything));
  const Message = Buffer.from('it');
  for (const name of [KeyId, ALIAS])
    expect(
      await there.send(new VerifyCommand({ KeyId: name, Message, Signature, SigningAlgorithm: 'ECDSA_SHA_256' })),
    ).toMatchObject({ SignatureValid: true });
  await expect(there.send(sign())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(there.send(new GetPublicKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(there.send(sign('alias/ours'))).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('a stack for another account is left to the cloud that is that account; one for none here is refused', async () => {
  const { a, b } = await twoAccounts({});
  const Resources = { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'told' } } };
  const forB = assemblyOf({ Theirs: { Resources } }, { environment: `aws://${B}/us-east-1` });
  expect(await a.deploy(forB)).toEqual([]);
  expect(await b.deploy(forB)).toMatchObject([{ name: 'Theirs' }]);
  const forNobody = assemblyOf({ Theirs: { Resources } }, { environment: 'aws://333333333333/us-east-1' });
  await expect(a.deploy(forNobody)).rejects.toMatchObject({ name: 'ForeignEnvironment' });
});
