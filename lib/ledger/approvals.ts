import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isConditionFailed, type Table } from './table.ts';

export type Decision = { decision: 'approved' | 'rejected'; by: string; reason: string; at: string };

/** A question put to approvers. The task token never leaves the ledger. */
export type Approval = {
  run: string;
  planDigest: string;
  taskToken: string;
  requestedBy: string;
  createdAt: string;
  expiresAt: string;
  decision?: Decision;
};

/**
 * The opaque id in the link: 128 bits drawn from the task token by a one-way function, so that asking twice for one
 * token gives one request, and nobody without the token can guess it. Only its hash is stored.
 */
export const approvalId = (taskToken: string): string =>
  createHmac('sha256', taskToken).update('approval id').digest().subarray(0, 16).toString('base64url');

/** Proves that whoever decides has read the page of this very plan; goes into the page's form. */
export const nonceOf = ({ taskToken, planDigest }: Approval): string =>
  createHmac('sha256', taskToken).update(`nonce ${planDigest}`).digest('base64url');

export const isNonceOf = (approval: Approval, nonce: string): boolean => {
  const [expected, given] = [nonceOf(approval), nonce].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(expected!, given!);
};

/** Puts a request down; putting the same one down again changes nothing. */
export const putApproval = async ({ client, name }: Table, approval: Approval): Promise<{ id: string }> => {
  const id = approvalId(approval.taskToken);
  const key = keyOf(id);
  await client.send(new PutCommand({ TableName: name, Item: { pk: `RUN#${approval.run}`, sk: key.pk } }));
  try {
    await client.send(
      new PutCommand({
        TableName: name,
        Item: { ...key, ...approval },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
  return { id };
};

/** The requests of a run, oldest first. */
export const approvalsOf = async ({ client, name }: Table, run: string): Promise<Approval[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': `RUN#${run}`, ':prefix': 'APPROVAL#' },
      ConsistentRead: true,
    }),
  );
  const approvals = await Promise.all(
    Items.map(({ sk }) =>
      client.send(new GetCommand({ TableName: name, Key: { pk: sk, sk: 'APPROVAL' }, ConsistentRead: true })),
    ),
  );
  return approvals
    .flatMap(({ Item }) => (Item ? [Item as Approval] : []))
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
};

export const getApproval = async ({ client, name }: Table, id: string): Promise<Approval | undefined> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: keyOf(id), ConsistentRead: true }));
  return Item as Approval | undefined;
};

/** Writes a decision down unless there is one already, and answers with the one that holds. The first wins. */
export const decide = async (table: Table, id: string, decision: Decision): Promise<Decision> => {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keyOf(id),
        UpdateExpression: 'SET decision = :decision',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(decision) AND expiresAt > :now',
        ExpressionAttributeValues: { ':decision': decision, ':now': decision.at },
      }),
    );
    return decision;
  } catch (error) {
    const held = isConditionFailed(error) ? (await getApproval(table, id))?.decision : undefined;
    if (held === undefined) throw error;
    return held;
  }
};

const keyOf = (id: string) => ({
  pk: `APPROVAL#${createHash('sha256').update(id).digest('base64url')}`,
  sk: 'APPROVAL',
});
