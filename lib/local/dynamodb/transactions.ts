import type { Store } from 'dynalite/db/index.js';
import { AwsError } from '../protocol/aws-error.ts';
import type { JsonOperation } from '../protocol/json.ts';
import { checkCondition, type Input, itemKey, standingItem, type Tables } from './tables.ts';

type Reason = { Code: string; Message?: string; Item?: unknown };

/** TransactWriteItems: all of up to 100 actions or none; the same ClientRequestToken within ten minutes happens once. */
export const transactWrite = (tables: Tables): JsonOperation => {
  const done = new Map<string, { input: string; until: number }>();
  return async (input) => {
    const { TransactItems: items, ClientRequestToken: token, ...rest } = input as Input & { TransactItems?: Input[] };
    refuseMore('TransactWriteItems', rest, ['ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']);
    const actions = (items ?? []).map(single);
    if (actions.length < 1 || actions.length > 100) throw invalid('TransactItems has 1 to 100 members.');
    const text = JSON.stringify(items);
    const earlier = done.get(String(token));
    if (token !== undefined && earlier && earlier.until > performance.now()) {
      if (earlier.input === text) return {};
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'The ClientRequestToken was used with other parameters.',
      );
    }
    await tables.atomically(async (store) => {
      await refuseSameItemTwice(store, actions);
      const reasons: Reason[] = [];
      for (const action of actions) reasons.push(await attempt(tables, store, action));
      if (reasons.every(({ Code }) => Code === 'None')) return;
      const codes = reasons.map(({ Code }) => Code).join(', ');
      const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
      throw new AwsError('TransactionCanceledException', message, 400, {
        CancellationReasons: reasons,
        Message: message,
      });
    });
    if (token !== undefined) done.set(String(token), { input: text, until: performance.now() + TEN_MINUTES });
    return {};
  };
};

/** TransactGetItems: up to 100 items as they stand at one moment. */
export const transactGet =
  (tables: Tables): JsonOperation =>
  async (input) => {
    const { TransactItems: items = [], ...rest } = input as Input & { TransactItems?: { Get: Input }[] };
    refuseMore('TransactGetItems', rest, ['ReturnConsumedCapacity']);
    if (items.length < 1 || items.length > 100) throw invalid('TransactItems has 1 to 100 members.');
    return tables.atomically(async (store) => {
      const Responses: object[] = [];
      for (const { Get } of items) {
        const { Item } = await tables.run('GetItem', { ...Get, ConsistentRead: true }, store);
        Responses.push(Item ? { Item } : {});
      }
      return { Responses };
    });
  };

const TEN_MINUTES = 600_000;
const OPERATIONS: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  // A condition check has the members of a deletion that deletes nothing.
  ConditionCheck: 'DeleteItem',
};

const single = (item: Input) => {
  const [kind = '', ...more] = Object.keys(item);
  if (!Object.hasOwn(OPERATIONS, kind) || more.length > 0) {
    throw invalid('Each of TransactItems is one of ConditionCheck, Put, Update or Delete.');
  }
  return { kind, operation: OPERATIONS[kind]!, data: item[kind] as Input };
};

const attempt = async (
  tables: Tables,
  store: Store,
  { kind, operation, data }: ReturnType<typeof single>,
): Promise<Reason> => {
  const { ReturnValuesOnConditionCheckFailure: show, ...rest } = data;
  const clean = tables.checked(operation, rest);
  try {
    if (kind === 'ConditionCheck') checkCondition(clean, await standingItem(store, clean));
    else await tables.act(store, operation, clean);
    return { Code: 'None' };
  } catch (error) {
    if (!(error instanceof AwsError) || error.name !== 'ConditionalCheckFailedException') throw error;
    const Item = show === 'ALL_OLD' ? await standingItem(store, clean) : undefined;
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...(Item ? { Item } : {}) };
  }
};

const refuseSameItemTwice = async (store: Store, actions: ReturnType<typeof single>[]) => {
  const seen = new Set<string>();
  for (const { data } of actions) {
    const name = `${data.TableName} ${await itemKey(store, data)}`;
    if (seen.has(name)) throw invalid('Transaction request cannot include multiple operations on one item');
    seen.add(name);
  }
};

const refuseMore = (operation: string, rest: Input, harmless: string[]) => {
  const unknown = Object.keys(rest).find((member) => !harmless.includes(member));
  if (unknown) throw invalid(`The local cloud's DynamoDB doesn't honour ${unknown} of ${operation}.`);
};

const invalid = (message: string) => new AwsError('ValidationException', message);
