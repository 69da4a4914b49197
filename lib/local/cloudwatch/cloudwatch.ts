import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { jsonService, operation } from '../protocol/json.ts';
import type { AwsRequest, Service } from '../service.ts';
import { alarmProperties } from './alarm-properties.ts';
import type { Alarm, Alarms } from './alarms.ts';
import { describeAlarms, describeHistory } from './describe.ts';
import { plainBody } from './plain-body.ts';

const name = z.string().min(1).max(255);

/** Amazon CloudWatch (AWS JSON 1.0, as today's SDKs speak it): alarms. Metrics are taken and forgotten. */
export const cloudwatch = (alarms: Alarms): Service => {
  const service = jsonService(TARGET, {
    DescribeAlarms: describeAlarms(alarms),
    DescribeAlarmHistory: describeHistory(alarms),
    PutMetricAlarm: operation(z.strictObject({ AlarmName: name, ...alarmProperties }), (input) => {
      const { MetricName, Namespace, Metrics } = input;
      if ((MetricName !== undefined && Namespace !== undefined) === (Metrics !== undefined)) {
        throw new AwsError(
          'InvalidParameterCombinationException',
          'An alarm is on one metric, of a Namespace and a MetricName, or on Metrics.',
        );
      }
      alarms.put(input);
      return {};
    }),
    DeleteAlarms: operation(z.strictObject({ AlarmNames: z.array(name).max(100) }), ({ AlarmNames }) => {
      const missing = AlarmNames.filter((it) => !alarms.all().some((alarm) => alarm.name === it));
      if (missing.length > 0) throw new AwsError('ResourceNotFound', `Alarms [${missing}] do not exist`, 404);
      for (const it of AlarmNames) alarms.remove(it);
      return {};
    }),
    SetAlarmState: operation(
      z.strictObject({
        AlarmName: name,
        StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
        StateReason: z.string().max(1023),
        StateReasonData: z.string().max(4000).optional(),
      }),
      async ({ AlarmName, StateValue, StateReason, StateReasonData }) => {
        const state: Alarm['state'] = { value: StateValue, reason: StateReason };
        if (StateReasonData !== undefined) state.data = checkedJson(StateReasonData);
        await alarms.setState(AlarmName, state);
        return {};
      },
    ),
    PutMetricData: operation(
      z.strictObject({
        Namespace: z
          .string()
          .min(1)
          .max(255)
          .refine((it) => !it.startsWith('AWS/'), 'AWS/ is reserved'),
        MetricData: z.array(z.looseObject({ MetricName: name })).max(1000),
      }),
      () => ({}),
    ),
  });
  return async (request) => {
    const answer = await service(unpacked(request));
    const { __type } = JSON.parse(String(answer.body)) as { __type?: string };
    if (!__type) return answer;
    // Before CloudWatch spoke JSON, some of its errors had other names; SDKs are told both.
    const code = `${OLD_NAMES[__type] ?? __type};${answer.status < 500 ? 'Sender' : 'Receiver'}`;
    return { ...answer, headers: { ...answer.headers, 'x-amzn-query-error': code } };
  };
};

const TARGET = 'GraniteServiceVersion20100801';

const OLD_NAMES: Record<string, string> = {
  InvalidFormatFault: 'InvalidFormat',
  InvalidParameterCombinationException: 'InvalidParameterCombination',
  InvalidParameterValueException: 'InvalidParameterValue',
  ValidationException: 'ValidationError',
};

const unpacked = (request: AwsRequest): AwsRequest => ({ ...request, body: plainBody(request) });

const checkedJson = (text: string) => {
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw new AwsError('InvalidFormatFault', `StateReasonData is no JSON: ${(cause as Error).message}`);
  }
};
