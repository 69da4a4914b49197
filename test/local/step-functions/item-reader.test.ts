import { expect, test } from 'vitest';
import { lab } from './lab.ts';

const reading = (ItemReader: object, fields: object = {}) => ({
  M: {
    Type: 'Map',
    ItemReader,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'P',
      States: { P: { Type: 'Pass', End: true } },
    },
    End: true,
    ...fields,
  },
});
const getObject = (ReaderConfig: object) => ({
  Resource: 'arn:aws:states:::s3:getObject',
  Arguments: { Bucket: 'bucket', Key: '{% $states.input.key %}' },
  ReaderConfig,
});

const read = (content: string, config: object) => {
  const { files, run } = lab();
  files.set('bucket/items', content);
  return run(reading(getObject(config)) as never, { key: 'items' });
};

test('a JSON array’s elements are the items', async () => {
  const { output, events } = await read('[{"a":1},2]', { InputType: 'JSON' });
  expect(output).toEqual([{ a: 1 }, 2]);
  expect(events.find(({ type }) => type === 'MapStateStarted')?.mapStateStartedEventDetails).toEqual({ length: 0 });
});

test('ItemsPointer finds the array inside of the file', async () => {
  const content = JSON.stringify({ 'a/b': [{ x: ['no'] }, { x: ['yes'] }] });
  expect((await read(content, { InputType: 'JSON', ItemsPointer: '/a~1b/1/x' })).output).toEqual(['yes']);
  expect((await read(content, { InputType: 'JSON', ItemsPointer: '/nowhere' })).error).toBe('States.ItemReaderFailed');
});

test('every line of a JSONL file is an item, as many as MaxItems', async () => {
  const content = '{"a":1}\n\n{"a":2}\r\n{"a":3}\n';
  expect((await read(content, { InputType: 'JSONL' })).output).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect((await read(content, { InputType: 'JSONL', MaxItems: '{% 1 + 1 %}' })).output).toEqual([{ a: 1 }, { a: 2 }]);
});

test('a CSV file’s rows are objects of strings', async () => {
  const first = await read('id,name\r\n1,"a, ""b"""\n\n2\n', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' });
  expect(first.output).toEqual([
    { id: '1', name: 'a, "b"' },
    { id: '2', name: '' },
  ]);
  const given = { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['id'], CSVDelimiter: 'PIPE' };
  expect((await read('1|x\n2|y', given)).output).toEqual([{ id: '1' }, { id: '2' }]);
});

test('a listing’s objects are the items', async () => {
  const { files, run } = lab();
  for (const key of ['in/a', 'in/b', 'out/c']) files.set(`bucket/${key}`, 'text');
  const { output } = await run(
    reading({ Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'bucket', Prefix: 'in/' } }) as never,
  );
  expect(output).toEqual(
    ['in/a', 'in/b'].map((Key) => ({
      Etag: '"e7a6"',
      Key,
      LastModified: 1767603600,
      Size: 4,
      StorageClass: 'STANDARD',
    })),
  );
});

test('ItemSelector sees where an item came from', async () => {
  const { files, run } = lab();
  files.set('bucket/items', '[7]');
  const ItemSelector = {
    item: '{% $states.context.Map.Item.Value %}',
    source: '{% $states.context.Map.Item.Source %}',
  };
  const { output } = await run(reading(getObject({ InputType: 'JSON' }), { ItemSelector }) as never, { key: 'items' });
  expect(output).toEqual([{ item: 7, source: 'S3://bucket/items' }]);
});

test.each([
  ['{"a":1}', 'Attempting to map over non-iterable node.'],
  ['[1', 'The file is not valid JSON'],
])('a file %s is States.ItemReaderFailed', async (content, cause) => {
  const it = await read(content, { InputType: 'JSON' });
  expect([it.error, it.cause]).toEqual(['States.ItemReaderFailed', expect.stringContaining(cause)]);
});

test('an object that is not there is States.ItemReaderFailed with S3’s code', async () => {
  const { error, cause } = await lab().run(reading(getObject({ InputType: 'JSON' })) as never, { key: 'none' });
  expect([error, cause]).toEqual(['States.ItemReaderFailed', expect.stringContaining('NoSuchKey')]);
});
