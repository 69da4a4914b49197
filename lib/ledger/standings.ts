import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { Attestation } from '../policy/promotion/statements.ts';
import { queryAll } from './query.ts';
import { isConditionFailed, type Table } from './table.ts';

/** What this environment has last said of a bundle; undefined if nothing. */
export const standingOf = async ({ client, name }: Table, digest: string): Promise<Attestation | undefined> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: keyOf(digest), ConsistentRead: true }));
  return Item && Attestation.parse(JSON.parse(Item.said));
};

/** Remembers what is said of a bundle, unless a later run has said something already; gives whether it holds. */
export const recordStanding = async ({ client, name }: Table, said: Attestation): Promise<boolean> => {
  try {
    await client.send(
      new UpdateCommand({
        TableName: name,
        Key: keyOf(said.digest),
        UpdateExpression: 'SET #token = :token, said = :said REMOVE version',
        ConditionExpression: 'attribute_not_exists(#token) OR #token <= :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':token': said.token, ':said': JSON.stringify(said) },
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
};

/** Remembers as which version it lies in the bucket, unless a later run has said something meanwhile. */
export const recordVersion = async ({ client, name }: Table, said: Attestation, version: string): Promise<void> => {
  try {
    await client.send(
      new UpdateCommand({
        TableName: name,
        Key: keyOf(said.digest),
        UpdateExpression: 'SET version = :version',
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':token': said.token, ':version': version },
      }),
    );
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
};

/** As which version lies what this environment has last said of a bundle; undefined if that is not known. */
export const versionOf = async ({ client, name }: Table, digest: string): Promise<string | undefined> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: keyOf(digest), ConsistentRead: true }));
  return Item?.version;
};

/** What was said since a run, of whatever bundle. */
export const standingsSince = async (table: Table, token: number): Promise<Attestation[]> => {
  const found = await queryAll(table, {
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: '#token >= :token',
    ExpressionAttributeNames: { '#token': 'token' },
    ExpressionAttributeValues: { ':pk': 'ATTESTATIONS', ':token': token },
  });
  return found.map(({ said }) => Attestation.parse(JSON.parse(said)));
};

const keyOf = (digest: string) => ({ pk: 'ATTESTATIONS', sk: digest });
