import { expect, test } from 'vitest';
import { leapingClock, virtualClock } from '../../../lib/local/clock.ts';
import { recurrence } from '../../../lib/local/scheduler/expression.ts';
import { schedules } from '../../../lib/local/scheduler/schedules.ts';

const opened = (start: (at: string) => void | Promise<void> = () => {}) => {
  const clock = virtualClock(new Date('2026-01-05T09:00:00Z'));
  const log: string[] = [];
  const started: string[] = [];
  const all = schedules(
    clock,
    async () => {
      const at = clock.now().toISOString();
      started.push(at);
      await start(at);
    },
    (line) => log.push(line),
  );
  const put = (expression: string) =>
    all.put({
      arn: 'schedule',
      recurrence: recurrence(expression, 'UTC', clock.now().getTime()),
      target: { arn: 'machine', roleArn: 'role', input: '{}' },
    });
  return { clock, log, started, all, put };
};

test('a schedule starts its target when time comes by, and not before', async () => {
  const { clock, started, put } = opened();
  put('cron(0 5 * * ? *)');
  await clock.sleep(19 * 3_600_000);
  expect(started).toEqual([]);
  await clock.sleep(2 * 86_400_000);
  expect(started).toEqual(['2026-01-06T05:00:00.000Z', '2026-01-07T05:00:00.000Z']);
});

test('time does not run for the sake of a schedule', async () => {
  const { clock, started, put } = opened();
  put('rate(1 minute)');
  await clock.sleep(0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(clock.now().toISOString()).toBe('2026-01-05T09:00:00.000Z');
  expect(started).toHaveLength(1);
});

test('time stands still while what was started begins', async () => {
  const { clock, started, put } = opened(() => new Promise((resolve) => setTimeout(resolve, 20)));
  put('rate(1 hour)');
  await clock.sleep(2 * 3_600_000 + 1);
  expect(started).toEqual(['2026-01-05T09:00:00.000Z', '2026-01-05T10:00:00.000Z', '2026-01-05T11:00:00.000Z']);
});

test('a schedule that is put again counts once, and one that is removed no more', async () => {
  const { clock, started, all, put } = opened();
  put('cron(0 5 * * ? *)');
  put('cron(0 6 * * ? *)');
  await clock.sleep(86_400_000);
  expect(started).toEqual(['2026-01-06T06:00:00.000Z']);
  all.remove('schedule');
  await clock.sleep(86_400_000);
  expect(started).toHaveLength(1);
});

test('what can not be started is told in the log, and is tried again the next time', async () => {
  const { clock, log, started, put } = opened(() => {
    throw new Error('not allowed');
  });
  put('cron(0 5 * * ? *)');
  await clock.sleep(2 * 86_400_000);
  expect(started).toHaveLength(2);
  expect(log).toEqual(['schedule schedule: not allowed', 'schedule schedule: not allowed']);
});

test('a clock that leaps rings when real time has come to it, too', async () => {
  const clock = leapingClock();
  let rung = 0;
  clock.alarm(new Date(clock.now().getTime() + 30), () => (rung += 1));
  const end = clock.alarm(new Date(clock.now().getTime() + 30), () => (rung += 100));
  end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(rung).toBe(1);
});
