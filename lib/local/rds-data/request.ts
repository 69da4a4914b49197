import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import type { AwsRequest } from '../service.ts';
import type { Limits } from './limits.ts';

export type Field =
  | { isNull: true }
  | { booleanValue: boolean }
  /** Digits: JavaScript's numbers don't hold all of PostgreSQL's. */
  | { longValue: string }
  | { doubleValue: number | string }
  | { stringValue: string }
  | { blobValue: string }
  | { arrayValue: unknown };

export type Parameter = z.output<typeof parameter>;
export type ExecuteStatement = z.output<typeof inputs.ExecuteStatement>;
export type BatchExecuteStatement = z.output<typeof inputs.BatchExecuteStatement>;
export type BeginTransaction = z.output<typeof inputs.BeginTransaction>;
export type EndTransaction = z.output<typeof inputs.EndTransaction>;

const MEMBERS = ['isNull', 'booleanValue', 'longValue', 'doubleValue', 'stringValue', 'blobValue', 'arrayValue'];

const field = z
  .object({
    isNull: z.boolean(),
    booleanValue: z.boolean(),
    longValue: z.string().regex(/^-?\d{1,19}$/, 'must be a 64-bit integer'),
    doubleValue: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]),
    stringValue: z.string(),
    blobValue: z.base64(),
    arrayValue: z.unknown(),
  })
  .partial()
  .refine(
    (it) => MEMBERS.filter((member) => it[member as keyof typeof it] != null).length === 1,
    'exactly one member of the union Field must be set',
  )
  .refine((it) => it.isNull !== false, 'isNull can only be true')
  .transform((it) => Object.fromEntries(Object.entries(it).filter(([, value]) => value != null)) as Field);

const parameter = z.object({
  name: z.string(),
  value: field,
  typeHint: z.enum(['JSON', 'UUID', 'TIMESTAMP', 'DATE', 'TIME', 'DECIMAL']).nullish(),
});

const text = (least: number, most: number) =>
  z
    .string()
    .min(least, `Member must have length greater than or equal to ${least}`)
    .max(most, `Member must have length less than or equal to ${most}`)
    // It would end the text early in PostgreSQL's protocol.
    .refine((it) => !it.includes('\0'), 'Member must not contain the character U+0000');

const common = { resourceArn: text(11, 570), secretArn: text(1, 570) };
const connection = { ...common, database: text(0, 64).nullish(), schema: text(0, 64).nullish() };
const transactionId = text(0, 192);

export const inputs = {
  ExecuteStatement: z.object({
    ...connection,
    sql: z.string(),
    parameters: z.array(parameter).nullish(),
    transactionId: transactionId.nullish(),
    includeResultMetadata: z.boolean().nullish(),
    continueAfterTimeout: z.boolean().nullish(),
    resultSetOptions: z
      .object({
        decimalReturnType: z.enum(['STRING', 'DOUBLE_OR_LONG']).nullish(),
        longReturnType: z.enum(['STRING', 'LONG']).nullish(),
      })
      .nullish(),
    formatRecordsAs: z.enum(['NONE', 'JSON']).nullish(),
  }),
  BatchExecuteStatement: z.object({
    ...connection,
    sql: z.string(),
    parameterSets: z.array(z.array(parameter)).nullish(),
    transactionId: transactionId.nullish(),
  }),
  BeginTransaction: z.object(connection),
  EndTransaction: z.object({ ...common, transactionId }),
};

/** The request's body, checked against the shape and the limits that are known before anything runs. */
export const parsed = <Input extends z.ZodType>(
  schema: Input,
  request: AwsRequest,
  limits: Limits,
): z.output<Input> => {
  const headers = Object.entries(request.headers).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 4,
    0,
  );
  if (headers + request.body.length > limits.requestBytes) {
    throw new AwsError(
      'RequestEntityTooLargeException',
      `The request exceeds the size limit of ${limits.requestBytes} bytes`,
      413,
    );
  }
  const result = schema.safeParse(json(request.body));
  if (!result.success) throw invalid(result.error.issues.map(({ path, message }) => ({ at: path.join('.'), message })));
  const { sql, schema: searched } = result.data as { sql?: string; schema?: string };
  if (searched) throw new AwsError('ValidationException', "The schema parameter isn't supported");
  if (sql !== undefined) checkSql(sql, limits);
  return result.data;
};

const json = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString(), exactLong);
  } catch (cause) {
    throw new AwsError(
      'SerializationException',
      `The request body is not the JSON it should be: ${(cause as Error).message}`,
    );
  }
};

/** JSON.parse would round what goes beyond 2^53. */
const exactLong = ((key: string, value: unknown, context: { source?: string }) =>
  key === 'longValue' && typeof value === 'number' ? context.source : value) as (
  key: string,
  value: unknown,
) => unknown;

const checkSql = (sql: string, { sqlCharacters }: Limits) => {
  if (sql.length > sqlCharacters)
    throw invalid([{ at: 'sql', message: `Member must have length less than or equal to ${sqlCharacters}` }]);
  if (sql.includes('\0')) throw invalid([{ at: 'sql', message: 'Member must not contain the character U+0000' }]);
};

const invalid = (problems: { at: string; message: string }[]) => {
  const found = `${problems.length} validation error${problems.length > 1 ? 's' : ''} detected`;
  const each = problems.map(({ at, message }) => `Value at '${at}' failed to satisfy constraint: ${message}`);
  return new AwsError('ValidationException', `${found}: ${each.join('; ')}`);
};
