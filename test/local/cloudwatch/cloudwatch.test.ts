import { join } from 'node:path';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { openCloud } from '../../../lib/local/cloud.ts';
import { alarms as alarmsOf } from '../../../lib/local/cloudwatch/alarms.ts';
import { cloudwatch } from '../../../lib/local/cloudwatch/cloudwatch.ts';
import { assemblyOf, clientOf, listening, place, temporary } from '../cloud-harness.ts';

const standing = async (file = join(temporary(), 'alarms.json')) => {
  const clock = virtualClock();
  const acted: string[] = [];
  const alarms = alarmsOf({
    ...{ place, clock, file },
    act: async (action, { name, state }) => {
      acted.push(`${name} ${state.value} ${action}`);
      return `Successfully executed action ${action}`;
    },
  });
  const client = new CloudWatchClient(await listening({ monitoring: cloudwatch(alarms) }));
  const put = (AlarmName: string, more: Partial<PutMetricAlarmCommandInput> = {}) =>
    client.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, Namespace: 'Shop', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
        ...{ EvaluationPeriods: 2, Threshold: 0.5, ComparisonOperator: 'GreaterThanThreshold', ...more },
      }),
    );
  const set = (AlarmName: string, state: StateValue) =>
    client.send(new SetAlarmStateCommand({ AlarmName, StateValue: state, StateReason: `says so: ${state}` }));
  const names = async (input: DescribeAlarmsCommandInput) =>
    (await client.send(new DescribeAlarmsCommand(input))).MetricAlarms!.map((it) => it.AlarmName);
  return { file, clock, acted, client, put, set, names };
};

describe('an alarm', () => {
  test('has insufficient data until somebody sets its state', async () => {
    const { client, clock, put, set } = await standing();
    await put('errors', { Dimensions: [{ Name: 'Tenant', Value: 'one' }], TreatMissingData: 'breaching' });
    const created = clock.now();
    const one = async () =>
      (await client.send(new DescribeAlarmsCommand({ AlarmNames: ['errors', 'others'] }))).MetricAlarms;
    expect(await one()).toEqual([
      expect.objectContaining({
        ...{ AlarmName: 'errors', AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors' },
        ...{ StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' },
        ...{ Threshold: 0.5, ActionsEnabled: true, AlarmActions: [], StateUpdatedTimestamp: created },
        ...{ Dimensions: [{ Name: 'Tenant', Value: 'one' }], AlarmConfigurationUpdatedTimestamp: created },
      }),
    ]);
    await clock.sleep(60_000);
    await set('errors', 'ALARM');
    expect(await one()).toMatchObject([
      {
        ...{ StateValue: 'ALARM', StateReason: 'says so: ALARM', StateTransitionedTimestamp: clock.now() },
        AlarmConfigurationUpdatedTimestamp: created,
      },
    ]);
    await put('errors', { Threshold: 3 });
    expect(await one()).toMatchObject([{ StateValue: 'ALARM', Threshold: 3 }]);
  });

  test('is found by name, prefix, state, action and page', async () => {
    const { client, put, set, names } = await standing();
    await put('shop-errors', { AlarmActions: ['arn:aws:sns:us-east-1:000000000000:oncall'] });
    await put('shop-latency');
    await put('till');
    await set('till', 'OK');
    expect(await names({ AlarmNamePrefix: 'shop' })).toEqual(['shop-errors', 'shop-latency']);
    expect(await names({ StateValue: 'OK' })).toEqual(['till']);
    expect(await names({ ActionPrefix: 'arn:aws:sns:' })).toEqual(['shop-errors']);
    expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([]);
    const pages: number[] = [];
    for await (const { MetricAlarms } of paginateDescribeAlarms({ client, pageSize: 2 }, {}))
      pages.push(MetricAlarms!.length);
    expect(pages).toEqual([2, 1]);
  });

  test('acts as often as its state changes, unless its actions are switched off', async () => {
    const { acted, put, set } = await standing();
    await put('loud', { AlarmActions: ['page'], OKActions: ['rest'] });
    await put('quiet', { AlarmActions: ['page'], ActionsEnabled: false });
    for (const name of ['loud', 'quiet']) for (const it of ['ALARM', 'ALARM', 'OK'] as const) await set(name, it);
    expect(acted).toEqual(['loud ALARM page', 'loud OK rest']);
  });

  test('has a history, newest first', async () => {
    const { client, clock, put, set, file } = await standing();
    await put('errors', { AlarmActions: ['page'] });
    await clock.sleep(60_000);
    await set('errors', 'ALARM');
    const before = clock.now();
    await clock.sleep(60_000);
    await set('errors', 'OK');
    const read = async (input: object) =>
      (await client.send(new DescribeAlarmHistoryCommand({ AlarmName: 'errors', ...input }))).AlarmHistoryItems!;
    expect((await read({})).map((it) => [it.HistoryItemType, it.HistorySummary])).toEqual([
      ['StateUpdate', 'Alarm updated from ALARM to OK'],
      ['Action', 'Successfully executed action page'],
      ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to ALARM'],
      ['ConfigurationUpdate', 'Alarm "errors" created'],
    ]);
    const [late] = await read({ HistoryItemType: 'StateUpdate', StartDate: new Date(before.getTime() + 1) });
    expect(late).toMatchObject({ Timestamp: clock.now(), AlarmType: 'MetricAlarm' });
    expect(JSON.parse(late!.HistoryData!)).toMatchObject({
      oldState: { stateValue: 'ALARM' },
      newState: { stateValue: 'OK', stateReason: 'says so: OK' },
    });
    expect(await read({ ScanBy: 'TimestampAscending', MaxRecords: 1 })).toMatchObject([
      { HistoryItemType: 'ConfigurationUpdate' },
    ]);

    const again = await standing(file);
    expect(await again.names({ StateValue: 'OK' })).toEqual(['errors']);
  });

  test('goes when it is deleted', async () => {
    const { client, put, names } = await standing();
    await put('errors');
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['errors'] }));
    expect(await names({})).toEqual([]);
  });
});

test('errors have the names that SDKs know, and those of before CloudWatch spoke JSON', async () => {
  const { client, put, set } = await standing();
  await expect(set('none', 'OK')).rejects.toMatchObject({
    name: 'ResourceNotFound',
    $metadata: { httpStatusCode: 404 },
  });
  await put('one');
  const badly = { AlarmName: 'one', StateValue: 'OK', StateReason: '', StateReasonData: '{' } as const;
  await expect(client.send(new SetAlarmStateCommand(badly))).rejects.toMatchObject({
    ...{ name: 'InvalidFormatFault', Code: 'InvalidFormat' },
  });
  await expect(put('both', { Metrics: [{ Id: 'm1' }] })).rejects.toMatchObject({
    name: 'InvalidParameterCombinationException',
  });
  await expect(put('odd', { Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toMatchObject({ name: 'ValidationException' });
});

test('metrics are taken, packed or not, and refused in the namespaces of AWS', async () => {
  const { client } = await standing();
  const MetricData = Array.from({ length: 300 }, (_, n) => ({ MetricName: `Errors${n}`, Value: 1 }));
  await client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  await expect(client.send(new PutMetricDataCommand({ Namespace: 'AWS/RDS', MetricData }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('the alarms of a template are there, tell their topic, and stay what they are when it is deployed again', async () => {
  const cloud = await openCloud({ directory: temporary() });
  onTestFinished(() => cloud.stop());
  const assembly = assemblyOf({
    Watch: {
      Resources: {
        Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'oncall' } },
        Alarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: {
            ...{ AlarmName: 'errors', Namespace: 'Shop', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
            ...{ EvaluationPeriods: '1', Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
            AlarmActions: [{ Ref: 'Topic' }],
          },
        },
        Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{"widgets":[]}' } },
      },
      Outputs: { Alarm: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } } },
    },
  });
  const [stack] = await cloud.deploy(assembly);
  expect(stack!.outputs.Alarm).toBe('arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors');
  const client = new CloudWatchClient(clientOf(cloud.endpoint));
  await client.send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'tested' }));
  const [message] = cloud.inbox.messages();
  expect(message!.subject).toBe('ALARM: "errors" in us-east-1');
  expect(JSON.parse(message!.body)).toMatchObject({ NewStateValue: 'ALARM', OldStateValue: 'INSUFFICIENT_DATA' });
  await cloud.deploy(assembly);
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
  expect(MetricAlarms).toMatchObject([{ AlarmName: 'errors', StateValue: 'ALARM' }]);
});
