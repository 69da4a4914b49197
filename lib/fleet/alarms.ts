import { type CloudWatchClient, DescribeAlarmHistoryCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { failure } from '../failure.ts';

/** An alarm that is to guard a rollout is not there: nobody would notice that it does not watch. */
export const AlarmMissing = failure(
  'AlarmMissing',
  (it: { alarms: string[] }) =>
    `There is no CloudWatch alarm ${it.alarms.join(', ')} in this account and region. Nothing is rolled out unwatched: make it, or take it out of the pipeline's alarms.`,
);

/** Those of some alarms that are on, or were at some time since, and when that was found. @throws AlarmMissing */
export const alarmsOn = async (
  client: Pick<CloudWatchClient, 'send'>,
  names: string[],
  since: string | null,
): Promise<{ name: string; since: string }[]> => {
  const now = await states(client, names);
  const missing = names.filter((name) => !now.has(name));
  if (missing.length > 0) throw new AlarmMissing({ alarms: missing });
  const found = await Promise.all(
    names.map(async (name) => {
      const { on, since: changed } = now.get(name)!;
      if (on) return [{ name, since: changed }];
      // It may have come and gone between two looks.
      const before = since === null ? null : await wasOn(client, name, since);
      return before === null ? [] : [{ name, since: before }];
    }),
  );
  return found.flat();
};

/** CloudWatch tells of up to 100 alarms at once. */
const states = async (client: Pick<CloudWatchClient, 'send'>, names: string[]) => {
  const found = new Map<string, { on: boolean; since: string }>();
  for (let at = 0; at < names.length; at += 100) {
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(at, at + 100),
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
      }),
    );
    for (const { AlarmName = '', StateValue, StateTransitionedTimestamp, StateUpdatedTimestamp } of [
      ...MetricAlarms,
      ...CompositeAlarms,
    ]) {
      const since = StateTransitionedTimestamp ?? StateUpdatedTimestamp ?? new Date(0);
      found.set(AlarmName, { on: StateValue === 'ALARM', since: since.toISOString() });
    }
  }
  return found;
};

/** When an alarm last went on since some time, if it did. */
const wasOn = async (
  client: Pick<CloudWatchClient, 'send'>,
  AlarmName: string,
  since: string,
): Promise<string | null> => {
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new DescribeAlarmHistoryCommand({
        AlarmName,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        HistoryItemType: 'StateUpdate',
        StartDate: new Date(since),
        ScanBy: 'TimestampDescending',
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    const item = answer.AlarmHistoryItems?.find(({ HistoryData }) => wentOn(HistoryData));
    if (item) return (item.Timestamp ?? new Date(since)).toISOString();
    NextToken = answer.NextToken;
  } while (NextToken);
  return null;
};

/** `HistoryData` is a JSON document with the old and the new state. */
const wentOn = (data: string | undefined): boolean => {
  try {
    return JSON.parse(data ?? '{}').newState?.stateValue === 'ALARM';
  } catch {
    return false;
  }
};
