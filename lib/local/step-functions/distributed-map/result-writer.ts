import type { Json, JsonObject, MapState, ResultWriter } from '../asl.ts';
import type { Execution } from '../engine.ts';
import { redriveStatus } from '../executions.ts';
import { StateError } from '../state-error.ts';
import type { Visit } from '../visit.ts';
import type { MapRun } from './map-run.ts';
import { objectArguments } from './object-arguments.ts';
import { entriesOf, isEmpty, resultFile } from './result-file.ts';

/**
 * Writes manifest.json and the files of results beside it, and returns the state's result that points there.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export const writeResults = async (visit: Visit<MapState>, run: MapRun): Promise<JsonObject> => {
  const { engine, execution } = visit.thread;
  const writer = visit.state.ResultWriter!;
  const { Bucket, Prefix } = await objectArguments(
    visit,
    'ResultWriter/Arguments',
    writer.Arguments!,
    ['Bucket'],
    ['Prefix'],
  );
  const folder = `${Prefix ? `${Prefix}/` : ''}${run.arn.split(':').at(-1)}`;
  const put = async (key: string, body: string | Iterable<Buffer>) => {
    try {
      await engine.clock.busy(engine.objects.put(Bucket, key, body, { roleArn: execution.stateMachine.roleArn }));
    } catch (thrown) {
      const { name, message } = thrown as Error;
      throw new StateError('States.ResultWriterFailed', `${message} (Service: Amazon S3; Error Code: ${name})`);
    }
  };
  const file = async (status: string, entries: Iterable<Json>) => {
    if (isEmpty(entries)) return [];
    const type = writer.WriterConfig?.OutputType ?? 'JSON';
    const Key = `${folder}/${status}_0.${type.toLowerCase()}`;
    const written = { entries: 0, bytes: 0 };
    await put(Key, resultFile(entries, type, written));
    run.resultsWritten += status === 'PENDING' ? 0 : written.entries;
    return [{ Key, Size: written.bytes }];
  };
  const succeeded = run.children.filter(({ status }) => status === 'SUCCEEDED');
  const failed = run.children.filter(({ status }) => status !== 'SUCCEEDED');
  const manifest = {
    DestinationBucket: Bucket,
    MapRunArn: run.arn,
    ResultFiles: {
      FAILED: await file(
        'FAILED',
        entriesOf(failed, (it) => [entry(it)]),
      ),
      PENDING: await file(
        'PENDING',
        entriesOf(run.inputs.slice(run.children.length), (it) => [pending(it)]),
      ),
      SUCCEEDED: await file('SUCCEEDED', transformed(succeeded, writer.WriterConfig?.Transformation ?? 'NONE')),
    },
  };
  await put(`${folder}/manifest.json`, JSON.stringify(manifest));
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket, Key: `${folder}/manifest.json` } };
};

/** The state's result when nothing is written: the outputs in the items' order, tolerated failures among them. */
export const results = (run: MapRun, writer: ResultWriter | undefined): Json[] => {
  run.resultsWritten = run.children.length;
  return [...transformed(run.children, writer?.WriterConfig?.Transformation ?? 'COMPACT')];
};

const transformed = (children: Execution[], transformation: 'NONE' | 'COMPACT' | 'FLATTEN'): Iterable<Json> =>
  entriesOf(children, (child) => {
    if (transformation === 'NONE' || child.status !== 'SUCCEEDED') return [entry(child)];
    const output: Json = JSON.parse(child.output!);
    return transformation === 'FLATTEN' && Array.isArray(output) ? output : [output];
  });

const entry = (child: Execution): JsonObject => {
  const { output } = child;
  return {
    ...(child.cause !== undefined && { Cause: child.cause }),
    ...(child.error !== undefined && { Error: child.error }),
    ExecutionArn: child.arn,
    Input: child.inputText,
    InputDetails: { Included: true },
    Name: child.name,
    ...(output !== undefined && { Output: output, OutputDetails: { Included: true } }),
    RedriveCount: child.redriveCount,
    ...Object.fromEntries(Object.entries(redriveStatus(child)).map(([key, value]) => [`R${key.slice(1)}`, value])),
    StartDate: child.startDate.toISOString(),
    StateMachineArn: `${child.stateMachine.arn}/${child.mapRun!.label}`,
    Status: child.status,
    StopDate: child.stopDate!.toISOString(),
  };
};

const pending = (input: Json): JsonObject => ({
  Input: JSON.stringify(input),
  InputDetails: { Included: true },
  Status: 'PENDING',
});
