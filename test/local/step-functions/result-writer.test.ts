import { expect, test } from 'vitest';
import { HandlerError, invokeStep, lab } from './lab.ts';

const writing = (ResultWriter: object, fields: object = {}) => ({
  M: {
    Type: 'Map',
    Label: 'wave',
    MaxConcurrency: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'T',
      States: { T: invokeStep() },
    },
    ResultWriter,
    End: true,
    ...fields,
  },
});
const toS3 = (more: object = {}) => ({
  Resource: 'arn:aws:states:::s3:putObject',
  Arguments: { Bucket: 'results', Prefix: 'runs' },
  ...more,
});

const handler = (it: unknown) => {
  if (it === 'bad') throw new HandlerError('Bad');
  return it;
};

test('results go to S3 by status, and the state’s result says where', async () => {
  const { files, run } = lab({ handler });
  const { output } = await run(writing(toS3(), { ToleratedFailureCount: 1 }) as never, ['good', 'bad']);
  const id = output.MapRunArn.split(':').at(-1);
  expect(output).toEqual({
    MapRunArn: expect.stringContaining(':mapRun:machine/wave:'),
    ResultWriterDetails: { Bucket: 'results', Key: `runs/${id}/manifest.json` },
  });
  const file = (name: string) => files.get(`results/runs/${id}/${name}`)!;
  expect(JSON.parse(file('manifest.json'))).toEqual({
    DestinationBucket: 'results',
    MapRunArn: output.MapRunArn,
    ResultFiles: {
      FAILED: [{ Key: `runs/${id}/FAILED_0.json`, Size: file('FAILED_0.json').length }],
      PENDING: [],
      SUCCEEDED: [{ Key: `runs/${id}/SUCCEEDED_0.json`, Size: file('SUCCEEDED_0.json').length }],
    },
  });
  const [succeeded] = JSON.parse(file('SUCCEEDED_0.json'));
  expect(succeeded).toEqual({
    ExecutionArn: expect.stringContaining(':execution:machine/wave:'),
    Input: '"good"',
    InputDetails: { Included: true },
    Name: succeeded.ExecutionArn.split(':').at(-1),
    Output: '"good"',
    OutputDetails: { Included: true },
    RedriveCount: 0,
    RedriveStatus: 'NOT_REDRIVABLE',
    RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    StartDate: '2026-01-05T09:00:00.000Z',
    StateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine/wave',
    Status: 'SUCCEEDED',
    StopDate: '2026-01-05T09:00:00.000Z',
  });
  expect(JSON.parse(file('FAILED_0.json'))).toMatchObject([{ Error: 'Bad', Input: '"bad"', Status: 'FAILED' }]);
});

test('a map that fails exports as well, with the items it never started', async () => {
  const { files, run } = lab({ handler });
  const { error } = await run(writing(toS3()) as never, ['good', 'bad', 'late']);
  expect(error).toBe('States.ExceedToleratedFailureThreshold');
  const pending = [...files].find(([name]) => name.endsWith('/PENDING_0.json'))!;
  expect(JSON.parse(pending[1])).toEqual([{ Input: '"late"', InputDetails: { Included: true }, Status: 'PENDING' }]);
});

test('WriterConfig chooses how the outputs are written', async () => {
  const { files, run } = lab({ handler });
  await run(writing(toS3({ WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } })) as never, [[1, 2], 3]);
  expect([...files].find(([name]) => name.includes('SUCCEEDED_0'))?.[1]).toBe('1\n2\n3\n');
});

test.each([
  ['JSON', (text: string) => JSON.parse(text)],
  [
    'JSONL',
    (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
  ],
])('results of any length are written whole as %s, and their size told in bytes', async (OutputType, read) => {
  // More than is written at once, in letters of one to four bytes.
  const items = [...Array.from({ length: 15 }, (_, n) => `${n} ${'aä€🐘'.repeat(1_000)}`), '🐘'.repeat(20_000)];
  const { files, run } = lab({ handler });
  await run(writing(toS3({ WriterConfig: { Transformation: 'COMPACT', OutputType } })) as never, items);
  const [name, text] = [...files].find(([name]) => name.includes('/SUCCEEDED_0.'))!;
  expect(read(text)).toEqual(items);
  const [, manifest] = [...files].find(([name]) => name.endsWith('/manifest.json'))!;
  expect(JSON.parse(manifest).ResultFiles.SUCCEEDED).toEqual([
    { Key: name.replace('results/', ''), Size: Buffer.byteLength(text) },
  ]);
});

test('WriterConfig without a bucket forms the state’s result', async () => {
  const { output } = await lab({ handler }).run(writing({ WriterConfig: { Transformation: 'FLATTEN' } }) as never, [
    [1, 2],
    3,
  ]);
  expect(output).toEqual([1, 2, 3]);
});

test('a bucket one may not write to is States.ResultWriterFailed', async () => {
  const { error, cause } = await lab({ handler }).run(
    writing({ Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'forbidden' } }) as never,
    ['good'],
  );
  expect([error, cause]).toEqual(['States.ResultWriterFailed', expect.stringContaining('AccessDenied')]);
});
