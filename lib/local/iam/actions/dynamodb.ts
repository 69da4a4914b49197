import type { Place } from '../../service.ts';
import type { Check } from '../authorizer.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInJson } from '../refusals.ts';
import { entryOf, type Input, inputOf, operationOf } from './json-operation.ts';
import { type LeadingKeys, leadingKeys } from './leading-keys.ts';

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_dynamodb.html */
export const dynamodbActions = (place: Place, describe: (table: string) => Promise<Input | undefined>): Mapping => {
  const arn = (table: unknown) =>
    String(table).startsWith('arn:')
      ? String(table)
      : `arn:${place.partition}:dynamodb:${place.region}:${place.account}:table/${table}`;
  const keysOf = leadingKeys(describe);

  return {
    async checks(request) {
      const operation = operationOf(request);
      const accesses = entryOf(OPERATIONS, operation);
      const input = inputOf(request);
      if (!accesses || !input) return accesses && [];
      const checks = accesses(input).map(async ({ action = operation, table, index, ...keys }): Promise<Check> => {
        const resource = index === undefined ? arn(table) : `${arn(table)}/index/${index}`;
        const leading = await keysOf(String(table).split('/').at(-1)!, index, keys);
        return {
          action: `dynamodb:${action}`,
          ...(table === undefined ? { resource: '*', shown: arn('*') } : { resource }),
          ...(leading ? { keys: { 'dynamodb:leadingkeys': leading } } : {}),
        };
      });
      return Promise.all(checks);
    },
    refuse: refuseInJson,
  };
};

type Access = LeadingKeys & { action?: string; table?: unknown; index?: unknown };

const onItem = (input: Input): Access[] => [{ table: input.TableName, keys: [input.Key ?? input.Item] }];
const onTable = (input: Input): Access[] => [{ table: input.TableName }];
const onArn = (input: Input): Access[] => [{ table: input.ResourceArn }];
const lists = (value: unknown) => [value ?? []].flat() as Input[];

const OPERATIONS: Record<string, (input: Input) => Access[]> = {
  GetItem: onItem,
  PutItem: onItem,
  UpdateItem: onItem,
  DeleteItem: onItem,
  Query: (input) => [{ table: input.TableName, index: input.IndexName, query: input }],
  Scan: (input) => [{ table: input.TableName, index: input.IndexName }],
  BatchGetItem: ({ RequestItems }) =>
    Object.entries(Object(RequestItems) as Input).map(([table, it]) => ({ table, keys: lists(Object(it).Keys) })),
  BatchWriteItem: ({ RequestItems }) =>
    Object.entries(Object(RequestItems) as Input).map(([table, writes]) => ({
      table,
      keys: lists(writes).map(({ PutRequest, DeleteRequest }) => Object(PutRequest).Item ?? Object(DeleteRequest).Key),
    })),
  // A transaction needs what its parts would need by themselves.
  TransactGetItems: ({ TransactItems }) =>
    lists(TransactItems).map(({ Get }) => ({ action: 'GetItem', ...onItem(Object(Get))[0] })),
  TransactWriteItems: ({ TransactItems }) =>
    lists(TransactItems).flatMap((item) =>
      Object.entries(item).map(([kind, it]) => ({
        action: kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`,
        ...onItem(Object(it))[0],
      })),
    ),
  ListTables: () => [{}],
  DescribeTable: onTable,
  DescribeTimeToLive: onTable,
  CreateTable: onTable,
  DeleteTable: onTable,
  UpdateTable: onTable,
  TagResource: onArn,
  UntagResource: onArn,
  ListTagsOfResource: onArn,
};
