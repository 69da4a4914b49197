import { describe, expect, test } from 'vitest';
import { deployed, machine, role, storing } from './stack.ts';

describe('at deployment', () => {
  const Bucket = { Type: 'AWS::S3::Bucket' };
  test.each<[string, object, string]>([
    [
      'a function whose role Lambda can’t assume',
      { Bucket, F: storing, Role: role('states.amazonaws.com') },
      'The role defined for the function cannot be assumed by Lambda.',
    ],
    [
      'a state machine whose role Step Functions can’t assume',
      {
        Bucket,
        F: storing,
        Role: role('lambda.amazonaws.com'),
        MachineRole: role('lambda.amazonaws.com'),
        Machine: machine,
      },
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.',
    ],
    [
      'a condition that can’t be judged here',
      {
        Role: role('lambda.amazonaws.com', [
          { Action: 's3:*', Resource: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
        ]),
      },
      "Role.Properties.Policies.0.PolicyDocument.Statement.0: the local cloud doesn't honour this: A policy can't be enforced: the local cloud can't tell what the condition key aws:SourceIp would be on AWS.",
    ],
    [
      'a managed policy that is not known here',
      {
        Role: role('lambda.amazonaws.com', [], { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
      },
      "the local cloud doesn't know what arn:aws:iam::aws:policy/AdministratorAccess says",
    ],
  ])('%s is refused', async (_, resources, message) => {
    await expect(deployed(resources)).rejects.toThrow(message);
  });

  test('a role may trust a service for one resource only', async () => {
    const trusting = (machineName: string) => ({
      ...role('states.amazonaws.com'),
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { Service: ['states.us-east-1.amazonaws.com'] },
              Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:states:*:*:stateMachine:${machineName}` } },
            },
          ],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess'],
      },
    });
    const rest = { Bucket, F: storing, Role: role('lambda.amazonaws.com'), Machine: machine };
    await deployed({ ...rest, MachineRole: trusting('machine') });
    await expect(deployed({ ...rest, MachineRole: trusting('other') })).rejects.toThrow('Neither the global');
  });
});
