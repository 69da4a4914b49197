import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import type { AccessKey } from '../../../lib/local/sts/credentials.ts';
import { deployed, role } from '../iam/stack.ts';
import { ANNA, APPROVER, allow, deny, opened } from './opened.ts';

test('a user assumes a role that trusts the account, if the user’s policy says so, and is its session then', async () => {
  const { cloud, clock, assume, whoAmI } = await opened();
  cloud.createRole({ name: 'Approver' });
  const { accessKey } = cloud.createUser({ name: 'anna', statements: [allow('sts:AssumeRole', APPROVER)] });
  const { credentials, expires, who } = await assume(accessKey);
  const Arn = 'arn:aws:sts::000000000000:assumed-role/Approver/anna@example.com';
  const id = expect.stringMatching(/^AROA[A-Z2-7]{17}:anna@example.com$/);
  expect(credentials.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(who).toEqual({ Arn, AssumedRoleId: id });
  expect(await whoAmI(credentials)).toEqual({ Arn, UserId: id, Account: '000000000000' });
  expect(Math.round((expires.getTime() - clock.now().getTime()) / 60_000)).toBe(60);
});

test('a user who is named by the role’s trust policy needs no policy besides', async () => {
  const { cloud, assume } = await opened();
  cloud.createRole({ name: 'Approver', trusts: [ANNA] });
  await assume(cloud.createUser({ name: 'anna' }).accessKey);
  await expect(
    assume(cloud.createUser({ name: 'bert', statements: [allow('sts:*')] }).accessKey),
  ).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::000000000000:user/bert is not authorized to perform: sts:AssumeRole on resource: ${APPROVER}`,
  });
});

test.each([
  ['no policy', []],
  ['a policy about another role', [allow('sts:AssumeRole', 'arn:aws:iam::000000000000:role/Other')]],
  ['a Deny', [allow('sts:AssumeRole'), deny('sts:AssumeRole')]],
])('a user with %s may not assume a role that trusts the account', async (_, statements) => {
  const { cloud, assume } = await opened();
  cloud.createRole({ name: 'Approver' });
  await expect(assume(cloud.createUser({ name: 'anna', statements }).accessKey)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(
      `User: ${ANNA} is not authorized to perform: sts:AssumeRole on resource: ${APPROVER}`,
    ),
  });
});

test('a Deny keeps even a user who is named by the trust policy', async () => {
  const { cloud, assume } = await opened();
  cloud.createRole({ name: 'Approver', trusts: [ANNA] });
  const { accessKey } = cloud.createUser({ name: 'anna', statements: [deny('sts:*')] });
  await expect(assume(accessKey)).rejects.toThrow('with an explicit deny in an identity-based policy');
});

test('nobody assumes a role that there is not, and the account’s root none', async () => {
  const { cloud, assume } = await opened();
  const { accessKey } = cloud.createUser({ name: 'anna', statements: [allow('sts:AssumeRole')] });
  await expect(assume(accessKey)).rejects.toMatchObject({ name: 'AccessDenied' });
  cloud.createRole({ name: 'Approver' });
  await assume(accessKey);
  await expect(assume({ accessKeyId: 'local', secretAccessKey: 'local' })).rejects.toThrow(
    'Roles may not be assumed by root accounts.',
  );
});

test('a role that was deployed can be assumed by whom its template trusts, under its conditions', async () => {
  const { cloud, refs } = await deployed({
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'Approver',
        MaxSessionDuration: 7200,
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { AWS: '000000000000' },
              Condition: {
                StringEquals: { 'sts:ExternalId': 'lockstep', 'aws:username': 'anna' },
                StringLike: { 'sts:RoleSessionName': '*@example.com' },
              },
            },
          ],
        },
      },
    },
    Other: role('lambda.amazonaws.com'),
  });
  const ask = (as: AccessKey, more: object) =>
    new STSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: as }).send(
      new AssumeRoleCommand({ RoleArn: APPROVER, RoleSessionName: 'a@example.com', ExternalId: 'lockstep', ...more }),
    );
  const statements = [allow('sts:AssumeRole')];
  const { accessKey } = cloud.createUser({ name: 'anna', statements });
  await ask(accessKey, { DurationSeconds: 7200 });
  await expect(ask(accessKey, { ExternalId: 'other' })).rejects.toThrow('not authorized');
  await expect(ask(accessKey, { RoleSessionName: 'a@example.org' })).rejects.toThrow('not authorized');
  await expect(ask(cloud.createUser({ name: 'bert', statements }).accessKey, {})).rejects.toThrow('not authorized');
  await expect(ask(accessKey, { DurationSeconds: 7201 })).rejects.toThrow('MaxSessionDuration');
  const RoleArn = `arn:aws:iam::000000000000:role/${refs('Other')}`;
  await expect(ask(accessKey, { RoleArn })).rejects.toThrow('not authorized');
});

test.each<[string, Partial<AssumeRoleCommandInput>, string]>([
  ['a session name of one letter', { RoleSessionName: 'a' }, "Value 'a' at 'roleSessionName'"],
  ['a session name with a slash', { RoleSessionName: 'a/b' }, "Value 'a/b' at 'roleSessionName'"],
  ['a minute', { DurationSeconds: 60 }, 'greater than or equal to 900'],
  ['more than the role allows', { DurationSeconds: 3601 }, 'exceeds the MaxSessionDuration set for this role'],
  ['a session policy', { Policy: '{}' }, "doesn't honour Policy"],
])('AssumeRole with %s is refused', async (_, more, message) => {
  const { cloud, assume } = await opened();
  cloud.createRole({ name: 'Approver', trusts: [ANNA] });
  const { accessKey } = cloud.createUser({ name: 'anna' });
  await expect(assume(accessKey, more)).rejects.toThrow(message);
});

test('temporary credentials cease after their time', async () => {
  const { cloud, clock, assume, whoAmI } = await opened();
  cloud.createRole({ name: 'Approver', trusts: [ANNA] });
  const { credentials } = await assume(cloud.createUser({ name: 'anna' }).accessKey, { DurationSeconds: 900 });
  await clock.sleep(899_000);
  await whoAmI(credentials);
  await clock.sleep(2_000);
  await expect(whoAmI(credentials)).rejects.toMatchObject({ name: 'ExpiredToken' });
});

test('a role assumed by a role lasts an hour at most', async () => {
  const { cloud, assume } = await opened();
  const statements = [allow('sts:AssumeRole')];
  cloud.createRole({ name: 'Approver' });
  const session = cloud.createRole({ name: 'Starter', statements }).session('s-1');
  await assume(session);
  await expect(assume(session, { DurationSeconds: 3601 })).rejects.toThrow('role chaining');
});
