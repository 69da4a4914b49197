import { setTimeout as sleep } from 'node:timers/promises';
import { GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { failure } from '../failure.ts';
import { partsOf } from './query.ts';
import { verdictKey } from './run-keys.ts';
import { isConditionFailed, reasonsOf, type Table } from './table.ts';
import { tallyKey } from './wave-tally.ts';

/** What became of one database in one run. */
export const Verdict = z.object({
  cluster: z.string(),
  database: z.string(),
  /** `skipped`: the run had something to do there and did not start it. `in doubt`: failed, and nobody knows whether the last statement took effect; a person has to look. */
  verdict: z.enum(['applied', 'reverted', 'skipped', 'failed', 'in doubt', 'running']),
  /** With `running`: what is at work there, for people who wait. */
  note: z.string().optional(),
  /** Ids of the migrations that this run brought in. */
  applied: z.array(z.string()),
  /** Milliseconds that each of them took, as the database has it; not there where nobody has looked. */
  timings: z.array(z.number().nullable()).optional(),
  /** Ids of the migrations that it took back, newest first. */
  reverted: z.array(z.string()).default([]),
  failure: z
    .object({
      migration: z.string().nullable(),
      /** File and 1-based line of the statement; null where the failure has no place. */
      file: z.string().nullable(),
      statement: z.number().nullable(),
      line: z.number().nullable(),
      sqlstate: z.string(),
      message: z.string(),
    })
    .nullable(),
  snapshot: z.string().nullable(),
  fingerprint: z.string().nullable(),
  milliseconds: z.number(),
  dataApiCalls: z.number(),
});

export type Verdict = z.infer<typeof Verdict>;

/**
 * Remembers what became of a database; a later word replaces an earlier one. A database that failed, or is in doubt,
 * counts once against the budget of its wave, however often that is said: both are written together.
 */
export const recordVerdict = async (table: Table, run: string, verdict: Verdict, wave?: number): Promise<void> => {
  const { client, name } = table;
  const Item = { pk: `RUN#${run}`, sk: verdictKey(verdict), ...verdict };
  if (wave === undefined || !['failed', 'in doubt'].includes(verdict.verdict)) {
    await client.send(new PutCommand({ TableName: name, Item }));
    return;
  }
  const first = { TableName: name, ConditionExpression: 'attribute_not_exists(counted) OR counted <> :wave' };
  const counted = { Item: { ...Item, counted: wave }, ExpressionAttributeValues: { ':wave': wave } };
  const tally = { TableName: name, Key: tallyKey(run, wave), UpdateExpression: 'ADD failed :one' };
  const both = new TransactWriteCommand({
    TransactItems: [
      { Put: { ...first, ...counted } },
      { Update: { ...tally, ExpressionAttributeValues: { ':one': 1 } } },
    ],
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(both);
      return;
    } catch (error) {
      const reasons = reasonsOf(error) ?? [];
      if (reasons.includes('ConditionalCheckFailed')) break;
      // Others count at the same moment: the SDK repeats nothing of that.
      if (!reasons.includes('TransactionConflict') || attempt === 8) throw error;
      await sleep(Math.random() * 50 * 2 ** attempt);
    }
  }
  await client.send(new PutCommand({ TableName: name, Item: counted.Item }));
};

/** Everything that a run has said of its databases so far. */
export const verdicts = async (table: Table, run: string): Promise<Verdict[]> =>
  (await partsOf(table, `RUN#${run}`, 'DATABASE#')).map((item) => Verdict.parse(item));

/** What is remembered of a run as a whole. */
export type RunRecord = {
  run: string;
  execution: string;
  digest: string;
  requestedBy: string;
  startedAt: string;
  /** What Step Functions calls it; `RUNNING` as long as nobody has said how it ended. */
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** The run that it takes back. */
  revert?: string | null;
  /** The run that it restores. */
  restores?: string;
  /** The run that takes it back by itself, since it was halted and the pipeline's rules say so. */
  revertedBy?: string;
  planDigest?: string;
  /** People have heard that it began. */
  startTold?: boolean;
  endedAt?: string;
  /** It could not report its end itself, and nobody else has told people yet. */
  untold?: true;
  /** Its fencing token; not there where an earlier version of Lockstep put it down. */
  token?: number;
  /** What the path by which its bundle came asks of approvers. */
  path?: { approvals: number | null; by: string[] | null } | undefined;
};

/** A run of this name is in the ledger already: names may be given again after 90 days, but what they did is kept. */
// Pure in the bundler's eyes, or every step that says what became of a database would bring it along.
export const RunNameTaken = /* @__PURE__ */ failure(
  'RunNameTaken',
  (it: { run: string }) => `There was a run ${it.run} before. Start this one under another name.`,
);

/** Puts a run down; putting the same one down again changes nothing. @throws RunNameTaken */
export const recordRun = async ({ client, name }: Table, record: RunRecord): Promise<void> => {
  try {
    await client.send(
      new PutCommand({
        TableName: name,
        Item: { pk: `RUN#${record.run}`, sk: 'RUN', ...record },
        ConditionExpression: 'attribute_not_exists(pk) OR startedAt = :startedAt',
        ExpressionAttributeValues: { ':startedAt': record.startedAt },
      }),
    );
  } catch (error) {
    throw isConditionFailed(error) ? new RunNameTaken({ run: record.run }, { cause: error }) : error;
  }
};

export const updateRun = async (table: Table, run: string, changes: Partial<RunRecord>): Promise<void> => {
  const keys = Object.keys(changes);
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk: `RUN#${run}`, sk: 'RUN' },
      UpdateExpression: `SET ${keys.map((key) => `#${key} = :${key}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(keys.map((key) => [`#${key}`, key])),
      ExpressionAttributeValues: Object.fromEntries(Object.entries(changes).map(([key, value]) => [`:${key}`, value])),
    }),
  );
};

export const runRecord = async ({ client, name }: Table, run: string): Promise<RunRecord | undefined> => {
  const { Item } = await client.send(
    new GetCommand({ TableName: name, Key: { pk: `RUN#${run}`, sk: 'RUN' }, ConsistentRead: true }),
  );
  return Item as RunRecord | undefined;
};
