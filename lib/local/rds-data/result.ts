import { AwsError } from '../protocol/aws-error.ts';
import { columnMetadata } from './column-metadata.ts';
import { columnTypes } from './column-types.ts';
import { type ResultField, resultField, unsupportedType } from './field.ts';
import type { Limits } from './limits.ts';
import type { ExecuteStatement } from './request.ts';
import type { Session } from './session.ts';
import type { Outcome } from './statement.ts';
import type { Switches } from './switches.ts';

/** What ExecuteStatement answers with. @throws UnsupportedResultException, BadRequestException, InternalFailure */
export const executeResult = async (
  session: Session,
  outcome: Outcome,
  input: ExecuteStatement,
  limits: Limits,
  switches: Switches,
) => {
  if (!outcome.columns) return { generatedFields: [], numberOfRecordsUpdated: updated(outcome.tag) };
  const formatted = isFormatted(outcome, input);
  if (outcome.oversize) throw formatted ? tooMuchJson(limits) : tooMuch();
  const types = await columnTypes(
    session,
    outcome.columns.map(({ typeId }) => typeId),
  );
  const columns = outcome.columns.map(({ typeId }) => types.get(typeId)!);
  const refused = columns.find(({ kind }) => kind === 'unsupported');
  if (refused) throw unsupportedType(refused);
  const records = outcome.rows.map((row) => {
    checkRow(row, switches);
    return row.map((text, at) => resultField(text, columns[at]!, input.resultSetOptions, switches));
  });
  if (formatted) {
    const labels = outcome.columns.map(({ name }) => name);
    return { numberOfRecordsUpdated: 0, formattedRecords: formattedRecords(labels, records, limits) };
  }
  const metadata = input.includeResultMetadata
    ? { columnMetadata: await columnMetadata(session, outcome.columns, types) }
    : {};
  const answer = { ...metadata, numberOfRecordsUpdated: 0, records };
  if (Buffer.byteLength(JSON.stringify(answer)) > limits.responseBytes) throw tooMuch();
  return answer;
};

/** JSON applies to what SELECT yields, and is ignored for the rest. Before the statement has run, that is unknown. */
const isFormatted = ({ tag }: Outcome, { formatRecordsAs }: ExecuteStatement) =>
  formatRecordsAs === 'JSON' && (tag === '' || tag.startsWith('SELECT'));

export const resultBytes = ({ formatRecordsAs }: ExecuteStatement, limits: Limits) =>
  formatRecordsAs === 'JSON' ? limits.formattedRecordsBytes : limits.responseBytes;

/** PostgreSQL's tags end in the number of rows: `INSERT 0 3`, `UPDATE 3`. */
const updated = (tag: string) => Number(/^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(tag)?.[1] ?? 0);

const tooMuch = () => new AwsError('UnsupportedResultException', 'The result exceeds the size limit 1 MB');
const tooMuchJson = ({ formattedRecordsBytes }: Limits) =>
  new AwsError('BadRequestException', `The formatted records exceed the size limit of ${formattedRecordsBytes} bytes`);

const checkRow = (row: (string | null)[], { rowBytes }: Switches) => {
  if (rowBytes === null) return;
  const bytes = row.reduce((sum, text) => sum + (text === null ? 0 : Buffer.byteLength(text)), 0);
  if (bytes > rowBytes) throw new AwsError('UnsupportedResultException', 'Packet for query is too large');
};

const formattedRecords = (labels: string[], records: ResultField[][], limits: Limits) => {
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  if (twice !== undefined) {
    throw new AwsError(
      'BadRequestException',
      `The result has more than one column with the label ${twice}, which JSON can't tell apart`,
    );
  }
  const objects = records.map((record) => Object.fromEntries(record.map((field, at) => [labels[at], plain(field)])));
  const text = JSON.stringify(objects);
  if (Buffer.byteLength(text) > limits.formattedRecordsBytes) throw tooMuchJson(limits);
  return text;
};

const plain = (field: ResultField): unknown => {
  if (field.isNull) return null;
  const [value] = Object.values(field);
  return field.arrayValue ? Object.values(field.arrayValue as object)[0] : value;
};
