import { AwsError } from '../protocol/aws-error.ts';
import { type JsonOperation, jsonService } from '../protocol/json.ts';
import { type Input, standingItem, type Tables } from './tables.ts';
import { transactGet, transactWrite } from './transactions.ts';

/** Amazon DynamoDB (JSON 1.0). Items past their time to live stay: AWS, too, promises only "within two days". */
export const dynamodb = (tables: Tables) =>
  jsonService('DynamoDB_20120810', {
    ...Object.fromEntries(
      AS_IS.map((name): [string, JsonOperation] => [name, (data) => tables.run(name, data as Input)]),
    ),
    ...Object.fromEntries(
      WRITES.map((name): [string, JsonOperation] => [name, (data) => write(tables, name, data as Input)]),
    ),
    Scan: (data) => tables.run('Scan', consistent(data as Input)),
    TransactWriteItems: transactWrite(tables),
    TransactGetItems: transactGet(tables),
  });

/** Every read of a table is consistent here; one of an index can't be, and is refused as on AWS. */
const consistent = ({ ConsistentRead, ...data }: Input): Input =>
  data.IndexName === undefined || ConsistentRead === undefined ? data : { ...data, ConsistentRead };

const AS_IS = [
  ...['GetItem', 'BatchGetItem', 'Query', 'ListTables', 'DescribeTable', 'DescribeTimeToLive', 'CreateTable'],
  ...['DeleteTable', 'UpdateTable', 'TagResource', 'UntagResource', 'ListTagsOfResource'],
];
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

/** One write with its index entries; with ReturnValuesOnConditionCheckFailure, a refusal shows the item that caused it. */
const write = (tables: Tables, operation: string, { ReturnValuesOnConditionCheckFailure: show, ...data }: Input) =>
  tables.atomically(async (store) => {
    const clean = tables.checked(operation, data);
    try {
      return await tables.act(store, operation, clean);
    } catch (error) {
      if (!(error instanceof AwsError) || error.name !== 'ConditionalCheckFailedException' || show !== 'ALL_OLD')
        throw error;
      const Item = await standingItem(store, clean);
      throw new AwsError(error.name, error.message, error.status, Item ? { Item } : {});
    }
  });
