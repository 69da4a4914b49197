import { failure } from '../../../failure.ts';
import type { Definition } from '../asl.ts';
import { type Check, checkMachine } from './check-machine.ts';

/**
 * A definition that AWS would refuse as well, or that uses what the local Step Functions doesn't support. The sentence
 * is in AWS's form: each problem with its code and its place, which names state and field.
 */
export const InvalidDefinition = failure(
  'InvalidDefinition',
  ({ problems }: { problems: Problem[] }) =>
    `Invalid State Machine Definition: '${problems.map(({ code, message, at }) => `${code}: ${message} at ${at}`).join(', ')}'`,
);

export type Problem = { code: ProblemCode; message: string; at: string };
export type ProblemCode =
  | 'SCHEMA_VALIDATION_FAILED'
  | 'INVALID_JSON_DESCRIPTION'
  | 'MISSING_TRANSITION_TARGET'
  | 'MISSING_END_STATE'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'UNSUPPORTED_JSONATA_EXPRESSION';

/** Largest definition (a hard quota). */
const MOST_BYTES = 1_048_576;

/** Reads and checks a definition; throws InvalidDefinition with everything that is wrong with it. */
export const parseDefinition = (text: string): Definition => {
  const problems: Problem[] = [];
  const definition = parse(text, problems);
  if (problems.length === 0) check(definition, problems);
  if (problems.length > 0) throw new InvalidDefinition({ problems });
  return definition as Definition;
};

const parse = (text: string, problems: Problem[]): unknown => {
  const invalid = (message: string) => problems.push({ code: 'INVALID_JSON_DESCRIPTION', message, at: '/' });
  if (Buffer.byteLength(text) > MOST_BYTES) invalid(`The definition is larger than ${MOST_BYTES} bytes`);
  try {
    const value = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      invalid('Definition must be a valid JSON object');
    return value;
  } catch (thrown) {
    invalid((thrown as Error).message);
    return undefined;
  }
};

const check = (definition: unknown, problems: Problem[]) => {
  const top = definition as Record<string, unknown>;
  const report = (at: string, message: string, code: ProblemCode = 'SCHEMA_VALIDATION_FAILED') =>
    problems.push({ code, message, at });
  const context: Check = {
    report,
    jsonata: top.QueryLanguage === 'JSONata',
    express: false,
    distributed: false,
    stateNames: new Set(),
    labels: new Set(),
    outerVariables: new Set(),
  };
  if (top.QueryLanguage !== undefined && top.QueryLanguage !== 'JSONata' && top.QueryLanguage !== 'JSONPath')
    report('/QueryLanguage', 'Value should be one of the following: [JSONPath, JSONata]');
  if (top.Version !== undefined && top.Version !== '1.0') report('/Version', `Value should be '1.0'`);
  if (top.TimeoutSeconds !== undefined && !isSeconds(top.TimeoutSeconds))
    report('/TimeoutSeconds', 'Expected an integer from 1 to 99999999');
  checkMachine(top, '', context, ['Comment', 'Version', 'QueryLanguage', 'TimeoutSeconds']);
};

const isSeconds = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 99_999_999;
