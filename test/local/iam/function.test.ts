// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.
import { describe, expect, test } from 'vitest';
import { signedFor } from '../cloud-harness.ts';
import { deployed, role, type Statement, storing } from './stack.ts';

const invoke = async ({ endpoint }: { endpoint: string }, name: string, event: object): Promise<unknown> => {
  const url = `${endpoint}/2015-03-31/functions/${name}/invocations`;
  return (await fetch(url, { method: 'POST', headers: signedFor('lambda'), body: JSON.stringify(event) })).json();
};

const bucketPolicy = {
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: 'Bucket' },
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 's3:*',
          Resource: ['${Bucket.Arn}', '${Bucket.Arn}/*'].map((it) => ({ 'Fn::Sub': it })),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: { 'Fn::Sub': '${Bucket.Arn}/a/sealed' } },
      ],
    },
  },
};

describe('a function', () => {
  const stack = (...more: Statement[]) => ({
    Bucket: { Type: 'AWS::S3::Bucket' },
    Policy: bucketPolicy,
    F: storing,
    Role: role('lambda.amazonaws.com', [
      { Action: ['s3:PutObject', 's3:GetObject'], Resource: { 'Fn::Sub': '${Bucket.Arn}/a/*' } },
      ...more,
    ]),
  });

  test('may do what its role allows, and nothing besides: AWS’s sentence names session, action and resource', async () => {
    const { cloud, refs } = await deployed(stack());
    expect(await invoke(cloud, refs('F'), { put: 'a/1' })).toBe('done');
    expect(await invoke(cloud, refs('F'), { put: 'b/1' })).toBe(
      `AccessDenied: User: arn:aws:sts::000000000000:assumed-role/${refs('Role')}/${refs('F')} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${refs('Bucket')}/b/1" because no identity-based policy allows the s3:PutObject action`,
    );
  });

  test('may not do what the bucket’s own policy denies; that of plain HTTP is not meant for loopback', async () => {
    const { cloud, refs } = await deployed(stack());
    expect(await invoke(cloud, refs('F'), { put: 'a/sealed' })).toMatch(
      /^AccessDenied: .* s3:PutObject on resource: .* with an explicit deny in a resource-based policy$/,
    );
  });

  test('is told that an object is missing only if it may list the bucket', async () => {
    const blind = await deployed(stack());
    expect(await invoke(blind.cloud, blind.refs('F'), { get: 'a/none' })).toMatch(/^AccessDenied: .* s3:ListBucket on/);
    const list = { Action: 's3:ListBucket', Resource: { 'Fn::GetAtt': ['Bucket', 'Arn'] } };
    const seeing = await deployed(stack(list));
    expect(await invoke(seeing.cloud, seeing.refs('F'), { get: 'a/none' })).toMatch(/^NoSuchKey/);
  });

  test('shows those who watch what it asked for and whether it might', async () => {
    const { cloud, refs } = await deployed(stack());
    const seen: unknown[] = [];
    const end = cloud.onDecision(({ role, action, reason }) => seen.push([role, action, reason]));
    await invoke(cloud, refs('F'), { put: 'a/1' });
    await invoke(cloud, refs('F'), { put: 'b/1' });
    end();
    await invoke(cloud, refs('F'), { put: 'a/1' });
    expect(seen).toEqual([
      [refs('Role'), 's3:PutObject', undefined],
      [refs('Role'), 's3:PutObject', 'no allow'],
    ]);
  });
});
