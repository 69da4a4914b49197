import { DescribeAlarmHistoryCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { alarmsOn } from '../../lib/fleet/alarms.ts';

const since = '2026-01-05T10:00:00.000Z';
const at = new Date('2026-01-05T10:03:00Z');
const update = (from: string, to: string) =>
  JSON.stringify({ oldState: { stateValue: from }, newState: { stateValue: to } });

/** A CloudWatch that has these alarms, and these pages of each one's history. */
const cloudWatch = (alarms: Record<string, string>, history: string[][] = [[]]) => {
  const asked: object[] = [];
  const send = async (command: unknown) => {
    if (command instanceof DescribeAlarmsCommand) {
      const { AlarmNames = [] } = command.input;
      const found = AlarmNames.filter((name) => name in alarms);
      return {
        MetricAlarms: found.map((AlarmName) => ({
          AlarmName,
          StateValue: alarms[AlarmName],
          StateTransitionedTimestamp: at,
        })),
      };
    }
    if (!(command instanceof DescribeAlarmHistoryCommand)) throw new Error('this test did not expect that call');
    asked.push(command.input);
    const page = Number(command.input.NextToken ?? 0);
    return {
      AlarmHistoryItems: history[page]!.map((HistoryData) => ({ HistoryData, Timestamp: at })),
      ...(page + 1 < history.length ? { NextToken: String(page + 1) } : {}),
    };
  };
  return { asked, client: { send } as never };
};

describe('alarms that guard a rollout', () => {
  it('are told that are on, and nothing of those that are not', async () => {
    const { client, asked } = cloudWatch({ errors: 'ALARM', latency: 'OK', cost: 'INSUFFICIENT_DATA' });
    expect(await alarmsOn(client, ['errors', 'latency', 'cost'], null)).toEqual([
      { name: 'errors', since: at.toISOString() },
    ]);
    expect(asked).toEqual([]);
  });

  it('are told that came and went since the wave began, wherever in their history that stands', async () => {
    const history = [[update('ALARM', 'OK')], [update('OK', 'ALARM')]];
    const { client, asked } = cloudWatch({ errors: 'OK' }, history);
    expect(await alarmsOn(client, ['errors'], since)).toEqual([{ name: 'errors', since: at.toISOString() }]);
    expect(asked).toMatchObject([{ AlarmName: 'errors', StartDate: new Date(since) }, { NextToken: '1' }]);
  });

  it('are not told whose history knows of no alarm, or is no JSON', async () => {
    const { client } = cloudWatch({ errors: 'OK' }, [[update('INSUFFICIENT_DATA', 'OK'), 'no JSON']]);
    expect(await alarmsOn(client, ['errors'], since)).toEqual([]);
  });

  it('have to be there: nothing is rolled out unwatched', async () => {
    const { client } = cloudWatch({ errors: 'OK' });
    await expect(alarmsOn(client, ['errors', 'mistyped'], null)).rejects.toMatchObject({
      name: 'AlarmMissing',
      details: { alarms: ['mistyped'] },
    });
  });
});
