import { AwsError } from '../protocol/aws-error.ts';
import type { Field, Parameter } from './request.ts';
import type { Switches } from './switches.ts';

/** A value for `$n`: the type PostgreSQL is told it has (0: left to PostgreSQL), and its text or bytes. */
export type Bound = { type: number; value: string | Buffer | null };

/**
 * The values for the names a text has, in their order. As with the Data API, a string is `text` and nothing else:
 * `id = :id` with a string finds no operator when `id` is an integer.
 */
export const bind = (names: string[], parameters: Parameter[], switches: Switches): Bound[] => {
  const given = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const unused = [...given.keys()].find((name) => !names.includes(name));
  if (unused !== undefined && switches.unusedParameters === 'refused') {
    throw new AwsError('ValidationException', `Parameter ${unused} is not in the SQL statement`);
  }
  const bound = new Map([...given].map(([name, parameter]) => [name, boundValue(parameter, switches)]));
  // Measured: a text with placeholders but no parameters at all goes to PostgreSQL as it is.
  if (parameters.length === 0) return [];
  return names.map((name) => {
    const value = bound.get(name);
    if (!value) throw new AwsError('ValidationException', `Cannot find parameter: ${name}`);
    return value;
  });
};

const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  text: 25,
  json: 114,
  float8: 701,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
};

const boundValue = ({ name, value, typeHint }: Parameter, switches: Switches): Bound => {
  const hint = typeHint && hinted(typeHint, switches);
  if ('isNull' in value) return { type: hint?.type ?? (switches.nullParameter === 'text' ? OID.text : 0), value: null };
  if ('stringValue' in value) {
    if (hint?.form && !hint.form.test(value.stringValue)) {
      throw new AwsError(
        'ValidationException',
        `The value of parameter ${name} has not the form that the type hint ${typeHint} asks for`,
      );
    }
    return { type: hint?.type ?? OID.text, value: value.stringValue };
  }
  return plain(value);
};

const plain = (value: Field): Bound => {
  if ('booleanValue' in value) return { type: OID.bool, value: value.booleanValue ? 't' : 'f' };
  if ('longValue' in value) return { type: OID.int8, value: value.longValue };
  if ('doubleValue' in value) return { type: OID.float8, value: String(value.doubleValue) };
  if ('blobValue' in value) return { type: OID.bytea, value: Buffer.from(value.blobValue, 'base64') };
  throw new AwsError('ValidationException', 'Array parameters are not supported.');
};

/** The forms are documented with SqlParameter; PostgreSQL itself would take many more. */
const hinted = (hint: NonNullable<Parameter['typeHint']>, switches: Switches): { type: number; form?: RegExp } =>
  ({
    DATE: { type: OID.date, form: /^\d{4}-\d{2}-\d{2}$/ },
    TIME: { type: OID.time, form: /^\d{2}:\d{2}:\d{2}(\.\d{1,6})?$/ },
    TIMESTAMP: { type: OID.timestamp, form: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/ },
    DECIMAL: { type: OID.numeric },
    UUID: { type: OID.uuid },
    JSON: { type: OID[switches.jsonHint] },
  })[hint];
