import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { failure } from '../failure.ts';
import { isConditionFailed, type Table } from './table.ts';

/** Another run is at work in the environment. */
export const LeaseHeld = failure(
  'LeaseHeld',
  (it: { owner: string; since: string }) =>
    `${it.owner} has been at work in this environment since ${it.since}. Wait until it has ended, or stop it.`,
);

/**
 * Takes the environment's lease for an execution, and with it a fencing token higher than any before.
 * Taking it again for the same execution gives the same token. A lease whose owner is no longer running is stale and
 * is taken over: the state machine's word is proof, no clock is trusted.
 */
export const acquireLease = async (
  { client, name }: Table,
  owner: string,
  now: Date,
  isRunning: (execution: string) => Promise<boolean>,
): Promise<{ token: number }> => {
  for (let attempt = 1; ; attempt += 1) {
    const { Item: lease } = await client.send(new GetCommand({ TableName: name, Key: LEASE, ConsistentRead: true }));
    if (lease?.owner === owner) return { token: lease.token };
    if (lease?.owner !== undefined && (await isRunning(lease.owner))) {
      throw new LeaseHeld({ owner: lease.owner, since: lease.since });
    }
    // Higher than any before, of this ledger or, its clock being the only thing two ledgers share, of an earlier one.
    const token = Math.max((lease?.token ?? 0) + 1, now.getTime());
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: name,
          Key: LEASE,
          UpdateExpression: 'SET #owner = :owner, #since = :now, #token = :token',
          ConditionExpression: `${lease?.owner === undefined ? 'attribute_not_exists(#owner)' : '#owner = :stale'} AND ${lease?.token === undefined ? 'attribute_not_exists(#token)' : '#token = :known'}`,
          ExpressionAttributeNames: { '#owner': 'owner', '#since': 'since', '#token': 'token' },
          ExpressionAttributeValues: {
            ':owner': owner,
            ':now': now.toISOString(),
            ':token': token,
            ...(lease?.token === undefined ? {} : { ':known': lease.token }),
            ...(lease?.owner === undefined ? {} : { ':stale': lease.owner }),
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return { token: Attributes?.token };
    } catch (error) {
      // Someone was faster, maybe this very execution in a call whose answer was lost: look again.
      if (!isConditionFailed(error) || attempt === 5) throw error;
    }
  }
};

/** Whether a lease, as it was read, is another's than this run's. */
export const isLost = (
  lease: { owner?: unknown; token?: unknown } | undefined,
  { execution, token }: { execution: string; token: number },
): boolean =>
  lease !== undefined && ((lease.owner !== undefined && lease.owner !== execution) || Number(lease.token) > token);

/** The execution that is at work in the environment, as far as it says; null where none does. */
export const leaseOwner = async ({ client, name }: Table): Promise<string | null> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: LEASE, ConsistentRead: true }));
  return typeof Item?.owner === 'string' ? Item.owner : null;
};

/** The token of whoever was, or is, the last at work in the environment; undefined where nobody ever was. */
export const lastToken = async ({ client, name }: Table): Promise<number | undefined> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: LEASE, ConsistentRead: true }));
  return Item?.token;
};

/**
 * Gives the lease back if the execution holds it, and says whether it did; harmless otherwise. The token stays, so that
 * it only ever grows.
 */
export const releaseLease = async ({ client, name }: Table, owner: string): Promise<boolean> => {
  try {
    await client.send(
      new UpdateCommand({
        TableName: name,
        Key: LEASE,
        UpdateExpression: 'REMOVE #owner, #since',
        ConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner', '#since': 'since' },
        ExpressionAttributeValues: { ':owner': owner },
      }),
    );
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
};

/** Where the lease stands. */
export const LEASE = { pk: 'LEASE', sk: 'LEASE' };
