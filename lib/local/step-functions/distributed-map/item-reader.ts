import type { ItemReader, Json, MapState } from '../asl.ts';
import { evaluateAs } from '../jsonata/evaluate.ts';
import { StateError } from '../state-error.ts';
import type { Visit } from '../visit.ts';
import { parseCsv } from './csv.ts';
import { objectArguments } from './object-arguments.ts';

/** What is read, and where an item came from, as `$states.context.Map.Item.Source` tells it. */
export type Items = { items: Json[]; source(index: number): string };

/**
 * Reads a distributed map's items from S3; every failure is States.ItemReaderFailed.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export const readItems = async (visit: Visit<MapState>): Promise<Items> => {
  const reader = visit.state.ItemReader!;
  const most = await mostItems(visit, reader);
  const read =
    reader.Resource === 'arn:aws:states:::s3:listObjectsV2' ? await list(visit, reader) : await get(visit, reader);
  return { ...read, items: read.items.slice(0, most) };
};

const MOST_ITEMS = 100_000_000;

/** 0, like nothing, is no limit. */
const mostItems = async (visit: Visit<MapState>, reader: ItemReader) => {
  const template = reader.ReaderConfig?.MaxItems ?? 0;
  const allowed = {
    is: (value: number) => Number.isInteger(value) && value >= 0 && value <= MOST_ITEMS,
    what: `an integer from 0 to ${MOST_ITEMS}`,
  };
  return (await evaluateAs(visit, 'ItemReader/ReaderConfig/MaxItems', template, 'number', { allowed })) || MOST_ITEMS;
};

const list = async (visit: Visit<MapState>, reader: ItemReader): Promise<Items> => {
  const { Bucket, Prefix = '' } = await objectArguments(
    visit,
    'ItemReader/Arguments',
    reader.Arguments,
    ['Bucket'],
    ['Prefix'],
  );
  const found = await fromS3(visit, (objects, as) => objects.list(Bucket, Prefix, as));
  const items = found.map(({ key, size, etag, lastModified }) => ({
    Etag: etag.startsWith('"') ? etag : `"${etag}"`,
    Key: key,
    LastModified: Math.floor(lastModified.getTime() / 1000),
    Size: size,
    StorageClass: 'STANDARD',
  }));
  return { items, source: () => `S3://${Bucket}` };
};

const get = async (visit: Visit<MapState>, reader: ItemReader): Promise<Items> => {
  const { Bucket, Key, VersionId } = await objectArguments(
    visit,
    'ItemReader/Arguments',
    reader.Arguments,
    ['Bucket', 'Key'],
    ['VersionId'],
  );
  const text = (await fromS3(visit, (objects, as) => objects.get(Bucket, Key, as, VersionId))).toString('utf8');
  return { items: parse(text, reader.ReaderConfig ?? {}), source: () => `S3://${Bucket}/${Key}` };
};

const fromS3 = async <T>(
  { thread: { engine, execution } }: Visit<MapState>,
  read: (objects: typeof engine.objects, as: { roleArn: string }) => Promise<T>,
) => {
  try {
    return await engine.clock.busy(read(engine.objects, { roleArn: execution.stateMachine.roleArn }));
  } catch (thrown) {
    const { name, message } = thrown as Error;
    throw failed(`${message} (Service: Amazon S3; Error Code: ${name})`);
  }
};

const parse = (text: string, config: NonNullable<ItemReader['ReaderConfig']>): Json[] => {
  if (config.InputType === 'CSV') {
    try {
      return parseCsv(text, config);
    } catch (thrown) {
      throw failed((thrown as Error).message);
    }
  }
  if (config.InputType === 'JSONL')
    return text.split(/\r?\n/).flatMap((line, n) => (line.trim() === '' ? [] : [parseJson(line, `Line ${n + 1}`)]));
  const items = config.ItemsPointer
    ? pointTo(parseJson(text, 'The file'), config.ItemsPointer)
    : parseJson(text, 'The file');
  if (!Array.isArray(items)) throw failed('Attempting to map over non-iterable node.');
  return items;
};

const parseJson = (text: string, what: string): Json => {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw failed(`${what} is not valid JSON: ${(thrown as Error).message}`);
  }
};

/** RFC 6901. */
const pointTo = (document: Json, pointer: string) => {
  let node: Json | undefined = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    node =
      typeof node === 'object' && node !== null && Object.hasOwn(node, key)
        ? (node as Record<string, Json>)[key]
        : undefined;
    if (node === undefined) throw failed(`The ItemsPointer ${pointer} points to nothing in the file.`);
  }
  return node;
};

const failed = (reason: string) => new StateError('States.ItemReaderFailed', reason);
