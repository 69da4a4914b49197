import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../lib/ledger/table.ts';

type Item = Record<string, unknown>;

/**
 * A ledger in memory for tests that send thousands of requests: gets, puts and counts as the ledger does, with the
 * conditions that it uses, and refuses all else. `version` counts what was written.
 */
export const memoryTable = () => {
  const items = new Map<string, Item>();
  let version = 0;
  const keyOf = ({ pk, sk }: Item) => `${pk} ${sk}`;
  const refuse = () => {
    throw Object.assign(new Error('The conditional request failed'), { name: 'ConditionalCheckFailedException' });
  };
  const write = (key: string, item: Item) => {
    version += 1;
    items.set(key, structuredClone(item));
  };
  const put = ({ Item = {}, ConditionExpression, ExpressionAttributeValues }: PutCommand['input']) => {
    const held = items.get(keyOf(Item));
    if (ConditionExpression === 'attribute_not_exists(pk)' && held) refuse();
    if (ConditionExpression === '#version = :seen' && held?.version !== ExpressionAttributeValues?.[':seen']) refuse();
    write(keyOf(Item), Item);
    return {};
  };
  const count = ({ Key = {}, ExpressionAttributeValues }: UpdateCommand['input']) => {
    const attempts = Number(items.get(keyOf(Key))?.attempts ?? 0);
    if (attempts >= ExpressionAttributeValues?.[':most']) refuse();
    write(keyOf(Key), { ...Key, attempts: attempts + 1 });
    return {};
  };
  const send = async (command: unknown) => {
    if (command instanceof GetCommand) return { Item: structuredClone(items.get(keyOf(command.input.Key ?? {}))) };
    if (command instanceof PutCommand) return put(command.input);
    if (command instanceof UpdateCommand) return count(command.input);
    throw new Error('this ledger only gets, puts and counts');
  };
  const forget = (kind: RegExp) => {
    for (const key of items.keys()) if (kind.test(key)) items.delete(key);
  };
  const table = { name: 'Ledger', client: { send } } as unknown as Table;
  return { table, forget, version: () => version };
};
