import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test, vi } from 'vitest';
import { clientOf } from '../cloud-harness.ts';
import { deployed, role } from '../iam/stack.ts';

const machine = {
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    StateMachineName: 'machine',
    Definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'Read',
      States: {
        Read: {
          Type: 'Map',
          ItemReader: {
            Resource: 'arn:aws:states:::s3:getObject',
            ReaderConfig: { InputType: 'JSON' },
            Arguments: { Bucket: 'items', Key: 'all.json', VersionId: '{% $states.input.version %}' },
          },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Pass',
            States: { Pass: { Type: 'Pass', End: true } },
          },
          End: true,
        },
      },
    },
  },
};

const opened = async (...actions: string[]) => {
  const { cloud } = await deployed({
    Bucket: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: 'items', VersioningConfiguration: { Status: 'Enabled' } },
    },
    Role: role('states.amazonaws.com', [{ Action: ['states:StartExecution', ...actions], Resource: '*' }]),
    Machine: machine,
  });
  const objects = new S3Client({ ...clientOf(cloud.endpoint), forcePathStyle: true });
  const at = { Bucket: 'items', Key: 'all.json' };
  const put = async (items: number[]) =>
    (await objects.send(new PutObjectCommand({ ...at, Body: JSON.stringify(items) }))).VersionId;
  const remove = async () => (await objects.send(new DeleteObjectCommand(at))).VersionId;
  const states = new SFNClient(clientOf(cloud.endpoint));
  const read = async (version: string | undefined) => {
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';
    const { executionArn } = await states.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ version }) }),
    );
    return vi.waitFor(async () => {
      const { status, output, error, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
      expect(status).not.toBe('RUNNING');
      return { output, error, cause };
    }, 10_000);
  };
  return { put, remove, read };
};

test('a distributed map reads its items from the version that it is told, whatever came after', async () => {
  const { put, remove, read } = await opened('s3:GetObjectVersion');
  const first = await put([1, 2]);
  const second = await put([3]);
  const marker = await remove();
  expect((await read(first)).output).toBe('[1,2]');
  expect((await read(second)).output).toBe('[3]');
  expect(await read(marker)).toMatchObject({
    error: 'States.ItemReaderFailed',
    cause: expect.stringContaining('MethodNotAllowed'),
  });
  expect(await read('none-such')).toMatchObject({
    error: 'States.ItemReaderFailed',
    cause: expect.stringContaining('NoSuchVersion'),
  });
});

test('reading a version needs s3:GetObjectVersion; s3:GetObject is not enough', async () => {
  const { put, read } = await opened('s3:GetObject');
  expect(await read(await put([1]))).toMatchObject({
    error: 'States.ItemReaderFailed',
    cause: expect.stringContaining(
      'is not authorized to perform: s3:GetObjectVersion on resource: "arn:aws:s3:::items/all.json"',
    ),
  });
});
