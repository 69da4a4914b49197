import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { operation } from '../protocol/json.ts';
import type { Alarm, Alarms, HistoryItem } from './alarms.ts';

const paging = { MaxRecords: z.int().min(1).max(100), NextToken: z.string().optional() };
const alarmTypes = z.array(z.enum(['MetricAlarm', 'CompositeAlarm'])).optional();

export const describeAlarms = (alarms: Alarms) =>
  operation(
    z.strictObject({
      AlarmNames: z.array(z.string().min(1).max(255)).max(100).optional(),
      AlarmNamePrefix: z.string().min(1).max(255).optional(),
      AlarmTypes: alarmTypes,
      StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
      ActionPrefix: z.string().min(1).max(1024).optional(),
      ...paging,
      MaxRecords: paging.MaxRecords.default(50),
    }),
    (input) => {
      const { AlarmNames: names, AlarmNamePrefix: prefix, ActionPrefix: action } = input;
      if (names && prefix !== undefined) {
        throw new AwsError(
          'InvalidParameterCombinationException',
          'AlarmNames and AlarmNamePrefix are mutually exclusive',
        );
      }
      const actions = ({ properties: it }: Alarm) => [
        ...it.AlarmActions,
        ...it.OKActions,
        ...it.InsufficientDataActions,
      ];
      const wanted = alarms
        .all()
        // There are no composite alarms here.
        .filter(() => input.AlarmTypes?.includes('MetricAlarm') ?? true)
        .filter(({ name }) => names?.includes(name) ?? name.startsWith(prefix ?? ''))
        .filter(({ state }) => (input.StateValue ?? state.value) === state.value)
        .filter((it) => action === undefined || actions(it).some((arn) => arn.startsWith(action)));
      const { rows, NextToken } = page(wanted, input);
      return { MetricAlarms: rows.map(described), CompositeAlarms: [], NextToken };
    },
  );

const described = ({ name, arn, properties, configured, state, stateUpdated, stateChanged }: Alarm) => ({
  ...properties,
  AlarmName: name,
  AlarmArn: arn,
  AlarmConfigurationUpdatedTimestamp: seconds(configured),
  StateValue: state.value,
  StateReason: state.reason,
  StateReasonData: state.data,
  StateUpdatedTimestamp: seconds(stateUpdated),
  StateTransitionedTimestamp: seconds(stateChanged),
});

export const describeHistory = (alarms: Alarms) =>
  operation(
    z.strictObject({
      AlarmName: z.string().min(1).max(255).optional(),
      AlarmTypes: alarmTypes,
      HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
      StartDate: z.number().optional(),
      EndDate: z.number().optional(),
      ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).default('TimestampDescending'),
      ...paging,
      MaxRecords: paging.MaxRecords.default(100),
    }),
    (input) => {
      const { AlarmName, HistoryItemType, StartDate, EndDate } = input;
      const wanted = alarms
        .history()
        .filter(() => input.AlarmTypes?.includes('MetricAlarm') ?? true)
        .filter(({ alarm, type }) => (AlarmName ?? alarm) === alarm && (HistoryItemType ?? type) === type)
        .filter(({ at }) => seconds(at) >= (StartDate ?? 0) && seconds(at) <= (EndDate ?? Number.MAX_VALUE));
      const { rows, NextToken } = page(input.ScanBy === 'TimestampAscending' ? wanted : wanted.toReversed(), input);
      return { AlarmHistoryItems: rows.map(item), NextToken };
    },
  );

const item = ({ alarm, at, type, summary, data }: HistoryItem) => ({
  AlarmName: alarm,
  AlarmType: 'MetricAlarm',
  Timestamp: seconds(at),
  HistoryItemType: type,
  HistorySummary: summary,
  HistoryData: JSON.stringify(data),
});

const seconds = (instant: string) => Date.parse(instant) / 1000;

const page = <Row>(rows: Row[], it: { MaxRecords: number; NextToken?: string | undefined }) => {
  const start = Number(it.NextToken ?? 0);
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError('InvalidNextToken', 'The given next token is not valid.');
  const end = start + it.MaxRecords;
  return { rows: rows.slice(start, end), NextToken: end < rows.length ? String(end) : undefined };
};
