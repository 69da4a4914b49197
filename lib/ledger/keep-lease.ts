import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { failure } from '../failure.ts';
import { LEASE } from './lease.ts';
import { reasonsOf, type Table } from './table.ts';

/** The environment's lease is another's by now; nothing more is done. */
export const LeaseLost = failure(
  'LeaseLost',
  (it: { owner: string }) => `${it.owner} does not hold the environment's lease any more, so it does nothing more.`,
);

/**
 * Makes sure, where no database can, that a run is still the one that may work here. One that was stopped, had its lease
 * given back and is then redriven takes it again and is at work again, if nobody else has had it since. A last call of
 * one that was stopped takes nothing: nobody would give it back. @throws LeaseLost
 */
export const keepLease = async (
  { client, name }: Table,
  { run, execution, token }: { run: string; execution: string; token: number },
  now: Date,
  isRunning: (execution: string) => Promise<boolean>,
): Promise<void> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: LEASE, ConsistentRead: true }));
  if (Item?.owner === execution && Item.token === token) return;
  const isFree = Item?.owner === undefined && Item?.token === token;
  if (!isFree || !(await isRunning(execution))) throw new LeaseLost({ owner: execution });
  const lease = {
    TableName: name,
    Key: LEASE,
    UpdateExpression: 'SET #owner = :owner, #since = :now',
    ConditionExpression: '(attribute_not_exists(#owner) OR #owner = :owner) AND #token = :token',
    ExpressionAttributeNames: { '#owner': 'owner', '#since': 'since', '#token': 'token' },
    ExpressionAttributeValues: { ':owner': execution, ':now': now.toISOString(), ':token': token },
  };
  const atWork = {
    TableName: name,
    Key: { pk: `RUN#${run}`, sk: 'RUN' },
    UpdateExpression: 'SET #status = :running REMOVE endedAt, untold',
    ConditionExpression: '#execution = :execution',
    ExpressionAttributeNames: { '#status': 'status', '#execution': 'execution' },
    ExpressionAttributeValues: { ':running': 'RUNNING', ':execution': execution },
  };
  try {
    await client.send(new TransactWriteCommand({ TransactItems: [{ Update: lease }, { Update: atWork }] }));
  } catch (error) {
    if (reasonsOf(error)?.includes('ConditionalCheckFailed'))
      throw new LeaseLost({ owner: execution }, { cause: error });
    throw error;
  }
};
