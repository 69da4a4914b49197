import { plainBody } from '../../cloudwatch/plain-body.ts';
import type { Place } from '../../service.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInJson } from '../refusals.ts';
import { entryOf, type Input, inputOf, operationOf } from './json-operation.ts';

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const cloudwatchActions = ({ partition, region, account }: Place): Mapping => ({
  checks(request) {
    const operation = operationOf(request);
    const named = entryOf(NAMED, operation);
    const input = inputOf({ ...request, body: plainBody(request) });
    if (!named || !input) return named && [];
    const action = `cloudwatch:${operation}`;
    if (operation === 'PutMetricData')
      return [{ action, resource: '*', keys: { 'cloudwatch:namespace': [String(input.Namespace)] } }];
    return named(input).map((name) => ({
      action,
      resource: `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`,
    }));
  },
  refuse: refuseInJson,
});

const one = ({ AlarmName }: Input) => [String(AlarmName ?? '*')];
const several = ({ AlarmNames }: Input) => (Array.isArray(AlarmNames) ? AlarmNames.map(String) : ['*']);

const NAMED: Record<string, (input: Input) => string[]> = {
  DescribeAlarms: several,
  DescribeAlarmHistory: one,
  PutMetricAlarm: one,
  SetAlarmState: one,
  DeleteAlarms: several,
  PutMetricData: () => [],
};
