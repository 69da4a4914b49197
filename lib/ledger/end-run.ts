import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RunRecord } from './runs.ts';
import { isConditionFailed, type Table } from './table.ts';

type Ended = Pick<RunRecord, 'run' | 'execution'>;

/**
 * Puts down how a run ended that could not say so itself, and says whether people have to be told. What its own report
 * has said of it stands. Put down twice, it is to be told until `endTold`; one that was stopped, redriven and stopped
 * again before it was at work ends a second time.
 */
export const endRun = (table: Table, ended: Ended, status: RunRecord['status'], at: Date): Promise<boolean> =>
  update(table, ended, {
    UpdateExpression: 'SET #status = :status, endedAt = :at, untold = :true',
    ConditionExpression:
      '#execution = :execution AND (#status = :running OR (#status IN (:aborted, :late) AND endedAt <> :at) OR (untold = :true AND endedAt = :at))',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ...{ ':status': status, ':at': at.toISOString(), ':true': true },
      ...{ ':running': 'RUNNING', ':aborted': 'ABORTED', ':late': 'TIMED_OUT' },
    },
  });

/** People know how the run ended. */
export const endTold = (table: Table, ended: Ended, at: Date): Promise<boolean> =>
  update(table, ended, {
    UpdateExpression: 'REMOVE untold',
    ConditionExpression: '#execution = :execution AND endedAt = :at',
    ExpressionAttributeValues: { ':at': at.toISOString() },
  });

/** Says whether the condition held. */
const update = async (
  { client, name }: Table,
  { run, execution }: Ended,
  { ExpressionAttributeNames, ExpressionAttributeValues, ...it }: Partial<UpdateCommand['input']>,
): Promise<boolean> => {
  try {
    await client.send(
      new UpdateCommand({
        ...{ TableName: name, Key: { pk: `RUN#${run}`, sk: 'RUN' }, ...it },
        ExpressionAttributeNames: { ...ExpressionAttributeNames, '#execution': 'execution' },
        ExpressionAttributeValues: { ...ExpressionAttributeValues, ':execution': execution },
      }),
    );
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    return false;
  }
};
