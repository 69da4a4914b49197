// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.
import { onTestFinished } from 'vitest';
import { openCloud } from '../../../lib/local/cloud.ts';
import { assemblyOf, temporary } from '../cloud-harness.ts';

/** A local cloud with one stack of these resources, until the test is over. */
export const deployed = async (Resources: object) => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources } }));
  return { cloud, refs: (id: string) => stack!.resources[id]!.ref };
};

export type Statement = { Action: unknown; Resource: unknown; Condition?: object };

export const role = (service: string, Statement: Statement[] = [], more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
    },
    Policies: Statement.map((it, n) => ({
      PolicyName: `p${n}`,
      PolicyDocument: { Statement: [{ Effect: 'Allow', ...it }] },
    })),
    ...more,
  },
});

/** A function that puts and gets objects as it is told, and returns what it was told in turn. */
export const storing = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Environment: { Variables: { BUCKET: { Ref: 'Bucket' } } },
    Code: {
      ZipFile: `
        const { S3Client, PutObjectCommand, GetObjectCommand } = require('@aws-sdk/client-s3');
        exports.handler = async ({ put, get: key }) => {
          const it = { Bucket: process.env.BUCKET, Key: put ?? key };
          const command = put ? new PutObjectCommand({ ...it, Body: 'x' }) : new GetObjectCommand(it);
          return new S3Client({ maxAttempts: 1 }).send(command).then(() => 'done', ({ name, message }) => name + ': ' + message);
        };`,
    },
  },
};

/** Tries all that needs its role's permission, one after the other, and collects how it failed. */
export const machine = {
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
    DefinitionSubstitutions: { F: { 'Fn::GetAtt': ['F', 'Arn'] }, Machine: 'machine' },
    StateMachineName: 'machine',
    Definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'Invoke',
      States: {
        Invoke: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: { FunctionName: '${F}' },
          Catch: [{ ErrorEquals: ['Lambda.AWSLambdaException'], Output: '{% $states.errorOutput %}', Next: 'Start' }],
          Next: 'Start',
        },
        Start: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution',
          Arguments: { StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:other' },
          Catch: [
            {
              ErrorEquals: ['StepFunctions.AWSStepFunctionsException'],
              Output: '{% [$states.input, $states.errorOutput] %}',
              Next: 'Read',
            },
          ],
          End: true,
        },
        Read: {
          Type: 'Map',
          ItemReader: {
            Resource: 'arn:aws:states:::s3:getObject',
            ReaderConfig: { InputType: 'JSON' },
            Arguments: { Bucket: 'items', Key: 'all.json' },
          },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Pass',
            States: { Pass: { Type: 'Pass', End: true } },
          },
          Catch: [
            { ErrorEquals: ['States.ALL'], Output: '{% $append($states.input, $states.errorOutput) %}', Next: 'Done' },
          ],
          End: true,
        },
        Done: { Type: 'Succeed' },
      },
    },
  },
};
