import { AwsError } from '../protocol/aws-error.ts';
import { arrayElements } from './array-literal.ts';
import type { ColumnType } from './column-types.ts';
import type { ExecuteStatement } from './request.ts';
import type { Switches } from './switches.ts';

export type ResultOptions = ExecuteStatement['resultSetOptions'];

/** A value as the Data API gives it: one member named for its kind. */
export type ResultField = { [member: string]: unknown };

/** @throws UnsupportedResultException, InternalFailure */
export const resultField = (
  text: string | null,
  type: ColumnType,
  options: ResultOptions,
  switches: Switches,
): ResultField => {
  if (type.kind === 'unsupported' || (type.kind === 'void' && switches.voidResult === 'unsupported'))
    throw unsupportedType(type);
  if (text === null) return { isNull: true };
  if (!type.element) return scalar(text, type, options);
  const element = type.element;
  const values = arrayElements(text).map((item) => (item === null ? { isNull: true } : scalar(item, element, options)));
  const member = Object.keys(scalar(sample(element), element, options))[0]!;
  // A null among the elements is a JSON null.
  return {
    arrayValue: { [`${member}s`]: values.map((value) => ('isNull' in value ? null : Object.values(value)[0])) },
  };
};

export const unsupportedType = ({ name }: ColumnType) =>
  new AwsError('UnsupportedResultException', `The result contains the unsupported data type ${name.toUpperCase()}`);

/** For an array without elements the kind of its list must come from somewhere. */
const sample = ({ kind }: ColumnType) => (kind === 'bit' || kind === 'boolean' ? 't' : '0');

const scalar = (text: string, { name, kind }: ColumnType, options: ResultOptions): ResultField => {
  const long = (digits: string) =>
    options?.longReturnType === 'STRING' ? { stringValue: digits } : { longValue: exact(digits) };
  switch (kind) {
    case 'long':
      return long(text);
    case 'double':
      return { doubleValue: double(text) };
    case 'decimal':
      if (options?.decimalReturnType !== 'DOUBLE_OR_LONG') return { stringValue: text };
      return /^-?\d{1,18}$/.test(text) ? long(text) : { doubleValue: double(text) };
    case 'boolean':
      return { booleanValue: text === 't' };
    case 'bit':
      if (text.length > 1) throw unsupportedType({ name, kind, code: 0, precision: 0 });
      return { booleanValue: text === '1' || text === 't' };
    case 'blob':
      return { blobValue: Buffer.from(text.slice(2), 'hex').toString('base64') };
    case 'utc':
      return { stringValue: inUtc(finite(text)) };
    case 'infinite':
      return { stringValue: finite(text) };
    default:
      return { stringValue: text };
  }
};

/** Digits that go into the JSON as they are: JavaScript's numbers round beyond 2^53. */
const exact = (digits: string) => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits);

/** JSON has no NaN and no infinities; AWS's protocols spell them as strings. */
const double = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : text);

/** Measured on Aurora: a date or time without end makes the service fail, without a word. */
const finite = (text: string) => {
  if (/^-?infinity$/.test(text)) throw new AwsError('InternalFailure', '', 500);
  return text;
};

/** The Data API answers in UTC and drops the offset, whatever the session's zone has been set to. */
const inUtc = (text: string) => {
  const [, local, sign, hours, minutes = '0', seconds = '0'] =
    /^(.*?)([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?(?: BC)?$/.exec(text) ?? [];
  if (local === undefined) return text;
  const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (sign === '-' ? -1 : 1);
  if (offset === 0) return text.replace(/[+-][\d:]+(?= BC$|$)/, '');
  const [whole = '', fraction] = local.split('.');
  const utc = new Date(Date.parse(`${whole.replace(' ', 'T')}Z`) - offset * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  return fraction ? `${utc}.${fraction}` : utc;
};
