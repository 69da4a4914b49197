import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import type { AccessKey } from '../../../lib/local/sts/credentials.ts';
import { ANNA, allow, deny, opened } from './opened.ts';

test('everyone is told who they are', async () => {
  const { cloud, whoAmI } = await opened();
  const root = { UserId: '000000000000', Arn: 'arn:aws:iam::000000000000:root', Account: '000000000000' };
  expect(await whoAmI({ accessKeyId: 'local', secretAccessKey: 'local' })).toEqual(root);
  const { arn, accessKey } = cloud.createUser({ name: 'anna', path: '/team/', statements: [deny('*')] });
  expect(await whoAmI(accessKey)).toMatchObject({ Arn: arn, UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/) });
  expect(arn).toBe('arn:aws:iam::000000000000:user/team/anna');
});

test('a user may do what the user’s policies allow, and is named when they don’t', async () => {
  const { cloud, settings } = await opened();
  const { accessKey } = cloud.createUser({ name: 'anna', statements: [allow('sns:ListTopics')] });
  await new SNSClient(settings(accessKey)).send(new ListTopicsCommand({}));
  await expect(new SFNClient(settings(accessKey)).send(new ListStateMachinesCommand({}))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: ${ANNA} is not authorized to perform: states:ListStateMachines on resource: arn:aws:states:us-east-1:000000000000:stateMachine:* because no identity-based policy allows the states:ListStateMachines action`,
  });
});

test('whoever was given a key proves it with its secret, at every service', async () => {
  const { cloud, settings } = await opened();
  const statements = [allow('*')];
  const { accessKey } = cloud.createUser({ name: 'anna', statements });
  const session = cloud.createRole({ name: 'Approver', statements }).session('bea');
  const calls = {
    sns: (as: AccessKey) => new SNSClient(settings(as)).send(new ListTopicsCommand({})),
    states: (as: AccessKey) => new SFNClient(settings(as)).send(new ListStateMachinesCommand({})),
    s3: (as: AccessKey) =>
      new S3Client({ ...settings(as), forcePathStyle: true }).send(
        new PutObjectCommand({ Bucket: 'none-such', Key: "a b+c'(1).txt", Body: 'x' }),
      ),
  };
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      ({ name }: Error) => name,
    );
  const all = async (as: AccessKey) => Promise.all(Object.values(calls).map((call) => outcome(call(as))));
  expect(await all(accessKey)).toEqual(['done', 'done', 'NoSuchBucket']);
  expect(await all(session)).toEqual(['done', 'done', 'NoSuchBucket']);
  const wrong = ['SignatureDoesNotMatch', 'InvalidSignatureException', 'SignatureDoesNotMatch'];
  expect(await all({ ...accessKey, secretAccessKey: 'guessed' })).toEqual(wrong);
  const { sessionToken: _, ...key } = session;
  expect(await all(key)).toEqual(['InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidToken']);
});

test('an address that was presigned with a key opens what it was made for, while it lasts', async () => {
  const { cloud, settings } = await opened();
  const s3 = new S3Client({
    ...settings({ accessKeyId: 'local', secretAccessKey: 'local' }),
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'reports' }));
  await s3.send(new PutObjectCommand({ Bucket: 'reports', Key: 'a b', Body: 'x' }));
  const { accessKey } = cloud.createUser({
    name: 'anna',
    statements: [allow('s3:GetObject', 'arn:aws:s3:::reports/*')],
  });
  const { config } = new S3Client(settings(accessKey));
  type Presigner = { presign(it: object, options: object): Promise<{ path: string; query: Record<string, string> }> };
  const { signer: signerOf } = config as unknown as { signer(scheme: object): Promise<Presigner> };
  const signer = await signerOf({ name: 'sigv4', signingName: 's3', signingRegion: 'us-east-1', properties: {} });
  const { hostname, port, host } = new URL(cloud.endpoint);
  const get = async (at: Date, change: (url: string) => string = (url) => url) => {
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname,
      port,
      path: '/reports/a%20b',
      query: {},
      headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    };
    const { path, query } = await signer.presign(request, { expiresIn: 60, signingDate: at });
    return (await fetch(change(`${cloud.endpoint}${path}?${new URLSearchParams(query)}`))).status;
  };
  expect(await get(new Date())).toBe(200);
  expect(await get(new Date(), (url) => url.replace('a%20b', 'c'))).toBe(403);
  expect(await get(new Date(), (url) => url.replace('Expires=60', 'Expires=600'))).toBe(403);
  expect(await get(new Date(Date.now() - 61_000))).toBe(403);
});
