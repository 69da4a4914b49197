import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { failure } from '../failure.ts';
import { partsOf } from './query.ts';
import { type ApprovalRequest, idOf } from './request.ts';
import { isConditionFailed, type Table } from './table.ts';

/** So many people changed one request at once that this change never got its turn. Nothing of it was written. */
export const RequestContended = failure(
  'RequestContended',
  (it: { run: string }) => `Too many decide on ${it.run} at this moment. Try again.`,
);

/** Puts a request down unless there is one of its id already; gives the one that holds. */
export const openRequest = async (table: Table, request: ApprovalRequest): Promise<ApprovalRequest> => {
  // First where it is listed: a listed run without a request is passed over, a request that nobody lists would be lost.
  const id = idOf(request);
  const listed = { pk: LIST, sk: `${request.createdAt} ${id}`, run: id };
  await table.client.send(new PutCommand({ TableName: table.name, Item: listed }));
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keyOf(id), ...request },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return request;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return (await getRequest(table, id)) ?? request;
  }
};

/** `id`: see {@link idOf}. */
export const getRequest = async ({ client, name }: Table, id: string): Promise<ApprovalRequest | undefined> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: keyOf(id), ConsistentRead: true }));
  return Item && requestIn(Item);
};

/** All holds of a run, the newest first. */
export const holdsOf = async (table: Table, run: string): Promise<ApprovalRequest[]> => {
  const found = await partsOf(table, keyOf(run).pk, 'HOLD#');
  return found.map(requestIn).sort((a, b) => b.hold!.number - a.hold!.number);
};

/** The newest requests of the environment, newest first. */
export const newestRequests = async (table: Table, count: number): Promise<ApprovalRequest[]> => {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': LIST },
      ScanIndexForward: false,
      Limit: count,
    }),
  );
  // Asked for twice, a request is listed twice.
  const runs = [...new Set(Items.map(({ run }) => String(run)))];
  const requests = await Promise.all(runs.map((run) => getRequest(table, run)));
  return requests.filter((it) => it !== undefined);
};

/**
 * Changes a request as `change` says, which sees the newest state and gives the next one, or null for none. Of many at
 * once each gets its turn: a change holds only if nobody was faster, and is thought over again otherwise. Gives the
 * state that holds afterwards; a change whose answer was lost is seen by `change` as done.
 *
 * @throws RequestContended
 */
export const changeRequest = async (
  table: Table,
  id: string,
  change: (request: ApprovalRequest) => ApprovalRequest | null,
): Promise<ApprovalRequest | undefined> => {
  for (let attempt = 1; attempt <= 40; attempt += 1) {
    const request = await getRequest(table, id);
    if (!request) return undefined;
    const next = change(request);
    if (next === null) return request;
    const written = { ...next, version: request.version + 1 };
    try {
      await table.client.send(
        new PutCommand({
          TableName: table.name,
          Item: { ...keyOf(id), ...written },
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':seen': request.version },
        }),
      );
      return written;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      await sleep(Math.random() * Math.min(20 * attempt, 400));
    }
  }
  throw new RequestContended({ run: id });
};

/** Whose link it is, and to which request, by its id; by a link that is nobody's, one sees and decides nothing. */
export type Link = { run: string; person: string | null; createdAt: string };

/** Makes a link of 128 random bits; only its hash is kept. */
export const putLink = async ({ client, name }: Table, link: Link): Promise<string> => {
  const id = randomBytes(16).toString('base64url');
  await client.send(new PutCommand({ TableName: name, Item: { ...linkKey(id), ...link } }));
  return id;
};

export const getLink = async ({ client, name }: Table, id: string): Promise<Link | undefined> => {
  if (!/^[A-Za-z0-9_-]{22}$/.test(id)) return undefined;
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: linkKey(id), ConsistentRead: true }));
  return Item as Link | undefined;
};

/**
 * Notes that something was seen, and says whether for the first time: form nonces and Slack signatures count once.
 * `until` (epoch seconds) is when DynamoDB may forget it.
 */
export const firstSeen = async ({ client, name }: Table, what: string, until: number): Promise<boolean> => {
  try {
    await client.send(
      new PutCommand({
        TableName: name,
        Item: { pk: `SEEN#${hash(what)}`, sk: 'SEEN', expires: until },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
};

/** Who announced a run, proven by IAM, before it was started; what they say of its commits. */
export type Announcement = { arn: string; digest: string; authors: string[]; at: string };

/** The first announcement of a run's name holds; answers with the one that does. */
export const announce = async ({ client, name }: Table, run: string, it: Announcement): Promise<Announcement> => {
  const key = { pk: `STARTER#${run}`, sk: 'STARTER' };
  try {
    await client.send(
      new PutCommand({ TableName: name, Item: { ...key, ...it }, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
    return it;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return (await announcement({ client, name }, run)) ?? it;
  }
};

export const announcement = async ({ client, name }: Table, run: string): Promise<Announcement | undefined> => {
  const key = { pk: `STARTER#${run}`, sk: 'STARTER' };
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: true }));
  return Item as Announcement | undefined;
};

const LIST = 'APPROVALS';

const keyOf = (id: string) => {
  const [run, hold] = id.split('#');
  return { pk: `APPROVAL#${run}`, sk: hold === undefined ? 'REQUEST' : `HOLD#${hold}` };
};

const requestIn = ({ pk, sk, ...request }: Record<string, unknown>): ApprovalRequest => request as ApprovalRequest;

const linkKey = (id: string) => ({ pk: `LINK#${hash(id)}`, sk: 'LINK' });

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
