// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax.
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openCloud } from '../../../lib/local/cloud.ts';
import { assemblyOf, clientOf, signedFor, temporary } from '../cloud-harness.ts';

const deployed = async (Resources: object) => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources } }));
  return { cloud, refs: (id: string) => stack!.resources[id]!.ref };
};

type Statement = { Action: unknown; Resource: unknown; Condition?: object };

const role = (service: string, Statement: Statement[] = [], more: object = {}) => ({
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
const storing = {
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

const machine = {
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
