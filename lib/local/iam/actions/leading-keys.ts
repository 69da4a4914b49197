import type { Input } from './json-operation.ts';

/** Where a request says which items it wants. */
export type LeadingKeys = { keys?: unknown[]; query?: Input };

/**
 * The values of the condition key dynamodb:LeadingKeys: the partition keys of the items that a request names.
 * A request that names none, as a Scan, doesn't have the key.
 */
export const leadingKeys =
  (describe: (table: string) => Promise<Input | undefined>) =>
  async (table: string, index: unknown, { keys, query }: LeadingKeys): Promise<string[] | undefined> => {
    if (!keys && !query) return undefined;
    const name = partitionKey(await describe(table), index);
    if (name === undefined) return undefined;
    const found = keys ? keys.map((it) => Object(it)[name]) : [queried(query!, name)];
    const values = found.flatMap((value) => Object.values(Object(value)).map(String));
    return values.length === 0 ? undefined : [...new Set(values)];
  };

type Schema = { AttributeName: string; KeyType: string }[];

const partitionKey = (described: Input | undefined, index: unknown) => {
  const {
    KeySchema,
    GlobalSecondaryIndexes = [],
    LocalSecondaryIndexes = [],
  } = Object(described) as {
    KeySchema?: Schema;
    GlobalSecondaryIndexes?: { IndexName: string; KeySchema: Schema }[];
    LocalSecondaryIndexes?: { IndexName: string; KeySchema: Schema }[];
  };
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes];
  const schema = index === undefined ? KeySchema : indexes.find(({ IndexName }) => IndexName === index)?.KeySchema;
  return schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
};

/** The value that a Query's condition asks of the partition key, which can only be by `=`. */
const queried = (query: Input, name: string) => {
  const names = Object(query.ExpressionAttributeNames) as Record<string, string>;
  const values = Object(query.ExpressionAttributeValues) as Input;
  for (const [, given = '', value = ''] of String(query.KeyConditionExpression ?? '').matchAll(
    /([#\w.-]+)\s*=\s*(:\w+)/g,
  )) {
    if ((names[given] ?? given) === name) return values[value];
  }
  const [legacy] = (Object(query.KeyConditions)[name]?.AttributeValueList ?? []) as unknown[];
  return legacy;
};
