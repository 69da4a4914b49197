import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import { clientOf } from '../cloud-harness.ts';
import { deployed, machine, role, type Statement, storing } from './stack.ts';

describe('a state machine', () => {
  const outcome = async (allowed: Statement[]) => {
    const { cloud, refs } = await deployed({
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'items' } },
      F: storing,
      Role: role('lambda.amazonaws.com'),
      MachineRole: role('states.amazonaws.com', allowed),
      Machine: machine,
    });
    const states = new SFNClient(clientOf(cloud.endpoint));
    const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn: refs('Machine') }));
    const output = await vi.waitFor(async () => {
      const described = await states.send(new DescribeExecutionCommand({ executionArn }));
      expect(described.status).toBe('SUCCEEDED');
      return JSON.parse(described.output!) as { Error: string; Cause: string }[];
    }, 20_000);
    return { output, role: refs('MachineRole'), f: refs('F') };
  };

  test('may neither call a function nor start an execution nor map over one without its role’s permission', async () => {
    const { output, role, f } = await outcome([]);
    const user = `User: arn:aws:sts::000000000000:assumed-role/${role}/`;
    expect(output.map(({ Error: error }) => error)).toEqual([
      'Lambda.AWSLambdaException',
      'StepFunctions.AWSStepFunctionsException',
      'States.Permissions',
    ]);
    const session = expect.stringMatching(/^[A-Za-z]{32}$/);
    const [, by, rest] = new RegExp(`^${user}(\\w+) (.*)$`).exec(output[0]!.Cause) ?? [];
    expect([by, rest]).toEqual([
      session,
      expect.stringMatching(
        `^is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:${f} because no identity-based policy allows the lambda:InvokeFunction action \\(Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: [\\w-]+; Proxy: null\\)$`,
      ),
    ]);
  });

  test('reads items from S3 as its role, which is told of a missing object only if it may list the bucket', async () => {
    const read = async (...allowed: Statement[]) => {
      const map = { Action: 'states:StartExecution', Resource: 'arn:aws:states:*:*:stateMachine:machine' };
      const { Error: error, Cause: cause } = (await outcome([map, ...allowed])).output.at(-1)!;
      expect(error).toBe('States.ItemReaderFailed');
      return cause;
    };
    const get = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::items/*' };
    const list = { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::items' };
    expect(await read()).toMatch(
      / s3:GetObject on resource: "arn:aws:s3:::items\/all\.json" because .*AccessDenied\)$/,
    );
    expect(await read(get)).toMatch(/ s3:ListBucket on resource: "arn:aws:s3:::items" because .*AccessDenied\)$/);
    expect(await read(get, list)).toMatch(/Error Code: NoSuchKey\)$/);
  });
});
