import { describe, expect, test } from 'vitest';
import { leapingClock, realClock, virtualClock } from '../../lib/local/clock.ts';

describe('a virtual clock', () => {
  test('takes no time for a wait of a day and stands a day later', async () => {
    const clock = virtualClock(new Date('2026-01-01T00:00:00Z'));
    await clock.sleep(86_400_000);
    expect(clock.now().toISOString()).toBe('2026-01-02T00:00:00.000Z');
  });

  test('wakes sleepers in the order of their times', async () => {
    const clock = virtualClock();
    const woken: number[] = [];
    await Promise.all(
      [300, 100, 200].map(async (milliseconds) => {
        await clock.sleep(milliseconds);
        woken.push(milliseconds);
      }),
    );
    expect(woken).toEqual([100, 200, 300]);
  });

  test('stands still while work goes on', async () => {
    const clock = virtualClock();
    const before = clock.now();
    let awake = false;
    void clock.sleep(1).then(() => (awake = true));
    await clock.busy(new Promise((resolve) => setTimeout(resolve, 30)));
    expect([awake, clock.now()]).toEqual([false, before]);
    await clock.sleep(2);
    expect(awake).toBe(true);
  });

  test('is no earlier than what somebody has written down, and goes back for nobody', async () => {
    const clock = virtualClock(new Date('2026-01-01T00:00:00Z'));
    clock.reach(new Date('2026-01-01T00:00:05Z'));
    clock.reach(new Date('2026-01-01T00:00:02Z'));
    expect(clock.now().toISOString()).toBe('2026-01-01T00:00:05.000Z');
  });

  test('does not wait for whoever is outside', async () => {
    const clock = virtualClock();
    void clock.outside(new Promise(() => {}));
    await clock.sleep(86_400_000);
  });

  test('lets go of a sleeper whose signal is aborted, with the reason', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const sleep = clock.busy(clock.sleep(1000, controller.signal));
    controller.abort(new Error('stopped'));
    await expect(sleep).rejects.toThrow('stopped');
  });
});

describe('a leaping clock', () => {
  test('leaps over a wait of an hour', async () => {
    const clock = leapingClock();
    const before = clock.now().getTime();
    await clock.sleep(3_600_000);
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(3_600_000);
  });

  test('lets real time pass while somebody outside is waited for', async () => {
    const clock = leapingClock();
    const before = clock.now().getTime();
    let late = false;
    void clock.sleep(3_600_000).then(() => (late = true));
    await clock.outside(new Promise((resolve) => setTimeout(resolve, 30)));
    expect([late, clock.now().getTime() - before < 60_000]).toEqual([false, true]);
  });

  test('wakes a sleeper whose time comes while others work', async () => {
    const clock = leapingClock();
    let awake = false;
    void clock.sleep(5).then(() => (awake = true));
    await clock.busy(new Promise((resolve) => setTimeout(resolve, 60)));
    expect(awake).toBe(true);
  });
});

test('the real clock ends a sleep early when its signal is aborted', async () => {
  const controller = new AbortController();
  const sleep = realClock.sleep(3_600_000, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(sleep).rejects.toThrow('stopped');
});
