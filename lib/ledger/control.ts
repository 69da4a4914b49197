import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { failure } from '../failure.ts';
import { reasonsOf, type Table } from './table.ts';

/** Whether a run may begin with more databases, and on whose word. What is under way is finished in any case. */
export type Control = {
  state: 'going' | 'paused' | 'abandoned';
  /** Null where nobody has said anything. */
  by: string | null;
  reason: string;
  at: string | null;
};

/** By whom a run is abandoned when time is up for those who might have said something. */
export const NOBODY = 'nobody';

/** What somebody wants of a run. */
export type Order = { state: Control['state']; by: string; reason: string; at: string };

/** A run that is not at work can't be told anything; nothing was written. */
export const RunNotAtWork = failure(
  'RunNotAtWork',
  (it: { run: string }) => `${it.run} is not at work: it has ended, or there never was one of that name.`,
);

/** Whoever abandons a run has said the last word on it; nothing was written. */
export const RunAbandoned = failure(
  'RunAbandoned',
  (it: { run: string; by: string | null; at: string | null; reason: string }) =>
    `${it.run} was abandoned by ${it.by} at ${it.at}, and that is final: ${it.reason}`,
);

/** What holds for a run; nobody has to say anything for it to be going. */
export const controlOf = async ({ client, name }: Table, run: string): Promise<Control> => {
  const { Item } = await client.send(new GetCommand({ TableName: name, Key: controlKey(run), ConsistentRead: true }));
  return { state: Item?.state ?? 'going', by: Item?.by ?? null, reason: Item?.reason ?? '', at: Item?.at ?? null };
};

/**
 * Tells a run what to do; gives what holds afterwards. Who says what holds already changes nothing: the first one's
 * word stands. Run and control are compared in one transaction, so that no order reaches a run that has ended.
 *
 * @throws RunNotAtWork, RunAbandoned
 */
export const setControl = async (table: Table, run: string, order: Order): Promise<Control> => {
  for (let attempt = 1; ; attempt += 1) {
    const held = await controlOf(table, run);
    if (held.state === 'abandoned' && order.state !== 'abandoned') throw new RunAbandoned({ run, ...held });
    // Nobody has to say that a run that goes shall go.
    const changes = held.state !== order.state;
    try {
      await write(table, run, changes ? order : null, held);
      return changes ? { ...order } : held;
    } catch (error) {
      const reasons = reasonsOf(error);
      if (reasons?.[0] === 'ConditionalCheckFailed') throw new RunNotAtWork({ run }, { cause: error });
      // Somebody else was faster, maybe this very call whose answer was lost: look again.
      if (reasons === null || attempt === 10) throw error;
    }
  }
};

const write = ({ client, name }: Table, run: string, order: Order | null, held: Control): Promise<unknown> => {
  const atWork = {
    TableName: name,
    Key: { pk: `RUN#${run}`, sk: 'RUN' },
    ConditionExpression: '#status = :running',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':running': 'RUNNING' },
  };
  const put = {
    TableName: name,
    Item: { ...controlKey(run), ...order },
    ConditionExpression: held.at === null ? 'attribute_not_exists(pk)' : '#state = :seen AND #at = :at',
    ...(held.at === null
      ? {}
      : {
          ExpressionAttributeNames: { '#state': 'state', '#at': 'at' },
          ExpressionAttributeValues: { ':seen': held.state, ':at': held.at },
        }),
  };
  return client.send(
    new TransactWriteCommand({ TransactItems: [{ ConditionCheck: atWork }, ...(order ? [{ Put: put }] : [])] }),
  );
};

/**
 * Key of the item that says whether a run may begin with more databases: apart from what the run writes itself, so that
 * whoever takes orders needs no leave to write verdicts.
 */
export const controlKey = (run: string) => ({ pk: `CONTROL#${run}`, sk: 'CONTROL' });
