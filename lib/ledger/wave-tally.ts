import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { controlKey } from './control.ts';
import { isLost, LEASE } from './lease.ts';
import { verdictKey } from './run-keys.ts';
import type { Table } from './table.ts';

/** Key of the item that counts the databases of a wave that failed; see `recordVerdict`. */
export const tallyKey = (run: string, wave: number) => ({ pk: `RUN#${run}`, sk: `WAVE#${wave}` });

/** Number of databases of a wave that have failed so far. */
export const failedIn = async ({ client, name }: Table, run: string, wave: number): Promise<number> => {
  const { Item } = await client.send(
    new GetCommand({ TableName: name, Key: tallyKey(run, wave), ConsistentRead: true }),
  );
  return Tally.parse(Item ?? {}).failed;
};

/** What a wave's clusters are told of it. */
export const WaveOrder = z.object({
  wave: z.number(),
  budget: z.number(),
  /** Failures that a person has let pass. */
  pardoned: z.number(),
  /** Whether it is carried out a second time, for what was not started in the first. */
  again: z.boolean(),
});

export type WaveOrder = z.infer<typeof WaveOrder>;

/**
 * Whether work on a cluster, or on one of its databases, may be started now; else why not. What is at work is left to
 * finish; nothing new is started once too many have failed, somebody has stopped the run, or another has come since.
 */
export const startable = async (
  table: Table,
  { run, ...by }: { run: string; execution: string; token: number },
  order: WaveOrder,
  target: { cluster: string; database?: string },
): Promise<{ start: true } | { start: false; why: string }> => {
  const { cluster, database } = target;
  const own = database === undefined ? undefined : verdictKey({ cluster, database });
  const keys = [
    LEASE,
    controlKey(run),
    tallyKey(run, order.wave),
    ...(order.again && own !== undefined ? [{ pk: `RUN#${run}`, sk: own }] : []),
  ];
  const items = new Map((await readAll(table, keys)).map((item) => [item.sk, item]));
  if (isLost(items.get('LEASE'), by)) return { start: false, why: 'another run is at work, or has been' };
  const { state } = Control.parse(items.get('CONTROL') ?? {});
  if (state !== 'going') return { start: false, why: `the run is ${state}` };
  const { failed } = Tally.parse(items.get(`WAVE#${order.wave}`) ?? {});
  if (failed - order.pardoned > order.budget)
    return { start: false, why: 'too many databases of the wave have failed' };
  const before = items.get(own);
  if (before && before.verdict !== 'running') return { start: false, why: 'it had its turn before' };
  return { start: true };
};

const Tally = z.object({ failed: z.number().default(0) });
const Control = z.object({ state: z.enum(['going', 'paused', 'abandoned']).default('going') });

/** DynamoDB may leave keys out when it is throttled, and says which. */
const readAll = async ({ client, name }: Table, keys: Record<string, string>[]) => {
  const found: Record<string, unknown>[] = [];
  let asked = keys;
  for (let attempt = 1; asked.length > 0; attempt += 1) {
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(
      new BatchGetCommand({ RequestItems: { [name]: { Keys: asked, ConsistentRead: true } } }),
    );
    found.push(...(Responses[name] ?? []));
    asked = (UnprocessedKeys[name]?.Keys ?? []) as Record<string, string>[];
    if (asked.length > 0 && attempt === 5) throw new Error('DynamoDB left reads of the ledger out five times');
  }
  return found;
};
