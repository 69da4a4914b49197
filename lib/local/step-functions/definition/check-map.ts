import { isExpression } from '../jsonata/expression.ts';
import { isLabel } from '../names.ts';
import { type Check, checkMachine } from './check-machine.ts';
import { checkNumber, checkTemplate } from './check-template.ts';
import { isObject } from './is-object.ts';

type Fields = Record<string, unknown>;

/** Fields that only a distributed map has. AWS accepts the two thresholds on an inline map, where they do nothing. */
const DISTRIBUTED = ['ItemReader', 'ResultWriter', 'Label', 'ToleratedFailureCount', 'ToleratedFailurePercentage'];

export const checkMap = (state: Fields, at: string, check: Check, inner: Check) => {
  const { ItemProcessor: processor, Items: items } = state;
  if (!isObject(processor)) return check.report(`${at}/ItemProcessor`, 'The field ItemProcessor is required in a Map');
  const mode = checkProcessorConfig(processor.ProcessorConfig, `${at}/ItemProcessor/ProcessorConfig`, check);
  const further = ['ProcessorConfig', 'Comment'];
  const nested =
    mode === 'INLINE' ? inner : { ...inner, distributed: true, express: mode === 'EXPRESS' || inner.express };
  checkMachine(processor, `${at}/ItemProcessor`, nested, further);

  if (items !== undefined) {
    if (Array.isArray(items) || (typeof items === 'string' && isExpression(items)))
      checkTemplate(items, `${at}/Items`, check);
    else check.report(`${at}/Items`, 'Expected an array or a JSONata expression');
  }
  if (state.ItemSelector !== undefined) checkTemplate(state.ItemSelector, `${at}/ItemSelector`, check);
  for (const field of ['MaxConcurrency', 'ToleratedFailureCount'])
    if (state[field] !== undefined) checkNumber(state[field], `${at}/${field}`, check, 0);
  const { ToleratedFailurePercentage: percentage } = state;
  if (percentage !== undefined) checkNumber(percentage, `${at}/ToleratedFailurePercentage`, check, 0, 100, false);
  if (mode === 'INLINE') {
    for (const field of DISTRIBUTED)
      if (state[field] !== undefined)
        check.report(`${at}/${field}`, `Field '${field}' is supported in Distributed mode only`);
    return;
  }
  if (items !== undefined && state.ItemReader !== undefined)
    check.report(at, 'Only one of these fields is allowed: [Items, ItemReader]');
  checkLabel(state.Label, `${at}/Label`, check);
  if (state.ItemReader !== undefined) checkReader(state.ItemReader, `${at}/ItemReader`, check);
  if (state.ResultWriter !== undefined) checkWriter(state.ResultWriter, `${at}/ResultWriter`, check);
};

const checkProcessorConfig = (config: unknown, at: string, check: Check): 'INLINE' | 'STANDARD' | 'EXPRESS' => {
  if (config === undefined) return 'INLINE';
  if (!isObject(config)) {
    check.report(at, 'Expected value of type [OBJECT]');
    return 'INLINE';
  }
  onlyFields(config, ['Mode', 'ExecutionType'], at, check);
  const { Mode: mode = 'INLINE', ExecutionType: type } = config;
  if (mode === 'INLINE') {
    if (type !== undefined) check.report(`${at}/ExecutionType`, 'ExecutionType is supported in Distributed mode only');
    return 'INLINE';
  }
  if (mode !== 'DISTRIBUTED') check.report(`${at}/Mode`, 'Value should be one of the following: [INLINE, DISTRIBUTED]');
  if (check.express) check.report(`${at}/Mode`, 'Distributed mode is not supported in Express workflows');
  if (type === 'STANDARD' || type === 'EXPRESS') return type;
  check.report(`${at}/ExecutionType`, 'Value should be one of the following: [STANDARD, EXPRESS]');
  return 'STANDARD';
};

const checkLabel = (label: unknown, at: string, check: Check) => {
  if (label === undefined) return;
  if (typeof label !== 'string' || !isLabel(label))
    return check.report(
      at,
      'Expected a name of 1 to 40 characters without whitespace, brackets, wildcards and special characters',
    );
  if (check.labels.has(label)) check.report(at, `The label '${label}' is used more than once`);
  check.labels.add(label);
};

const READER = ['InputType', 'ItemsPointer', 'MaxItems', 'CSVDelimiter', 'CSVHeaderLocation', 'CSVHeaders'];

const checkReader = (reader: unknown, at: string, check: Check) => {
  if (!isObject(reader)) return check.report(at, 'Expected value of type [OBJECT]');
  onlyFields(reader, ['Resource', 'Arguments', 'ReaderConfig'], at, check);
  oneOf(
    reader.Resource,
    ['arn:aws:states:::s3:getObject', 'arn:aws:states:::s3:listObjectsV2'],
    `${at}/Resource`,
    check,
  );
  if (reader.Arguments === undefined) check.report(`${at}/Arguments`, 'The field Arguments is required');
  else checkTemplate(reader.Arguments, `${at}/Arguments`, check);
  const { ReaderConfig: config = {} } = reader;
  if (!isObject(config)) return check.report(`${at}/ReaderConfig`, 'Expected value of type [OBJECT]');
  const where = `${at}/ReaderConfig`;
  const list = reader.Resource === 'arn:aws:states:::s3:listObjectsV2';
  onlyFields(config, list ? ['MaxItems'] : READER, where, check);
  if (!list) oneOf(config.InputType, ['JSON', 'JSONL', 'CSV'], `${where}/InputType`, check);
  if (config.MaxItems !== undefined) checkNumber(config.MaxItems, `${where}/MaxItems`, check, 0, 100_000_000);
  if (config.ItemsPointer !== undefined) checkPointer(config, `${where}/ItemsPointer`, check);
  if (config.InputType !== 'CSV') return;
  oneOf(config.CSVHeaderLocation, ['FIRST_ROW', 'GIVEN'], `${where}/CSVHeaderLocation`, check);
  if (config.CSVDelimiter !== undefined)
    oneOf(config.CSVDelimiter, ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'], `${where}/CSVDelimiter`, check);
  if ((config.CSVHeaderLocation === 'GIVEN') !== Array.isArray(config.CSVHeaders))
    check.report(`${where}/CSVHeaders`, 'CSVHeaders is an array of names if and only if CSVHeaderLocation is GIVEN');
};

const checkPointer = ({ InputType, ItemsPointer }: Fields, at: string, check: Check) => {
  if (InputType !== 'JSON') check.report(at, 'ItemsPointer is supported for InputType JSON only');
  if (typeof ItemsPointer !== 'string' || !ItemsPointer.startsWith('/') || ItemsPointer.length >= 2000)
    check.report(at, 'Expected a JSON Pointer, which starts with a slash');
};

const checkWriter = (writer: unknown, at: string, check: Check) => {
  if (!isObject(writer) || Object.keys(writer).length === 0) return check.report(at, 'ResultWriter cannot be empty');
  onlyFields(writer, ['Resource', 'Arguments', 'WriterConfig'], at, check);
  if ((writer.Resource === undefined) !== (writer.Arguments === undefined))
    check.report(at, 'Resource and Arguments go together: both or neither is required');
  if (writer.Resource !== undefined) oneOf(writer.Resource, ['arn:aws:states:::s3:putObject'], `${at}/Resource`, check);
  if (writer.Arguments !== undefined) checkTemplate(writer.Arguments, `${at}/Arguments`, check);
  const { WriterConfig: config } = writer;
  if (config === undefined) return;
  if (!isObject(config)) return check.report(`${at}/WriterConfig`, 'Expected value of type [OBJECT]');
  onlyFields(config, ['Transformation', 'OutputType'], `${at}/WriterConfig`, check);
  if (config.Transformation !== undefined)
    oneOf(config.Transformation, ['NONE', 'COMPACT', 'FLATTEN'], `${at}/WriterConfig/Transformation`, check);
  if (config.OutputType !== undefined)
    oneOf(config.OutputType, ['JSON', 'JSONL'], `${at}/WriterConfig/OutputType`, check);
};

const onlyFields = (value: Fields, supported: string[], at: string, check: Check) => {
  for (const field of Object.keys(value))
    if (!supported.includes(field)) check.report(`${at}/${field}`, `Field '${field}' is not supported here`);
};

const oneOf = (value: unknown, values: string[], at: string, check: Check) => {
  if (!values.includes(value as string))
    check.report(at, `Value should be one of the following: [${values.join(', ')}]`);
};
