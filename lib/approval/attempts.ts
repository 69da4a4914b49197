import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isConditionFailed, type Table } from '../ledger/table.ts';
import { sha256 } from '../migrations/digest.ts';

/** Forms that are taken by one link in one span of time. */
const MOST_ATTEMPTS = 30;

const SPAN_SECONDS = 600;

/**
 * Counts a form that came by a link. Gives the seconds until the next one is taken, or null where this one is. Spans
 * begin every ten minutes, so that at their border twice as many are taken at most; what is refused writes nothing.
 */
export const secondsToWait = async ({ client, name }: Table, link: string, now: Date): Promise<number | null> => {
  const seconds = Math.floor(now.getTime() / 1000);
  const span = Math.floor(seconds / SPAN_SECONDS);
  try {
    await client.send(
      new UpdateCommand({
        TableName: name,
        Key: { pk: `LINK#${sha256(link)}`, sk: `ATTEMPTS#${span}` },
        UpdateExpression: 'SET expires = :forgotten ADD attempts :one',
        ConditionExpression: 'attribute_not_exists(attempts) OR attempts < :most',
        ExpressionAttributeValues: { ':forgotten': (span + 2) * SPAN_SECONDS, ':one': 1, ':most': MOST_ATTEMPTS },
      }),
    );
    return null;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return (span + 1) * SPAN_SECONDS - seconds;
  }
};
