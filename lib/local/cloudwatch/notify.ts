import type { Place } from '../service.ts';
import type { Alarm } from './alarms.ts';

/** An alarm's actions as far as they can be had here: a message to an SNS topic, worded as CloudWatch does. */
export const notify =
  (place: Place, publish: (input: URLSearchParams) => Promise<unknown>, log: (line: string) => void) =>
  async (action: string, alarm: Alarm, before: Alarm['state']): Promise<string> => {
    if (!action.startsWith(`arn:${place.partition}:sns:`)) {
      log(
        `The alarm ${alarm.name} is ${alarm.state.value}; the local cloud carries out actions on SNS topics only, not ${action}`,
      );
      return `Skipped action ${action}: the local cloud carries out actions on SNS topics only`;
    }
    const { properties: it, state } = alarm;
    const message = {
      AlarmName: alarm.name,
      AlarmDescription: it.AlarmDescription ?? null,
      AWSAccountId: place.account,
      NewStateValue: state.value,
      NewStateReason: state.reason,
      StateChangeTime: alarm.stateChanged.replace('Z', '+0000'),
      Region: place.region,
      AlarmArn: alarm.arn,
      OldStateValue: before.value,
      Trigger: { MetricName: it.MetricName, Namespace: it.Namespace, Threshold: it.Threshold, Period: it.Period },
    };
    const subject = `${state.value}: "${alarm.name}" in ${place.region}`.slice(0, 100);
    const input = { TopicArn: action, Subject: subject, Message: JSON.stringify(message) };
    try {
      await publish(new URLSearchParams(input));
      return `Successfully executed action ${action}`;
    } catch (error) {
      log(`The alarm ${alarm.name} could not tell ${action}: ${(error as Error).message}`);
      return `Failed to execute action ${action}. Received error: "${(error as Error).message}"`;
    }
  };
