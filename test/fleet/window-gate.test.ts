import { describe, expect, test } from 'vitest';
import type { Step } from '../../lib/fleet/gate.ts';
import { forecast, type Pace, paceOf } from '../../lib/fleet/pace.ts';
import { admitInWindow, inItsWindow } from '../../lib/fleet/window-gate.ts';
import { alwaysOpen } from '../../lib/policy/windows/find-opening.ts';
import type { Windows } from '../../lib/policy/windows/windows.ts';

const wave = {
  ...{ wave: 2, name: '10 %', clusters: 10, databases: 20, concurrency: 5, budget: 0, bake: 0 },
  ...{ key: 'waves/2.json', version: 'v' },
};
const due: Step = { next: 'wave', wave, again: false, pardoned: { failed: 0, since: null } };

// Tuesdays and Thursdays from 02:00 to 05:00 in Berlin, which is 01:00 to 04:00 UTC in winter.
const windows = (more: Partial<Windows> = {}): Windows => ({
  timeZone: 'Europe/Berlin',
  weekly: [{ days: ['Tuesday', 'Thursday'], from: '02:00', to: '05:00' }],
  closedDays: [],
  freezes: [],
  outside: 'park',
  calendars: [],
  tenants: [],
  ...more,
});

const at = (now: string, more: Partial<Parameters<typeof inItsWindow>[1]> = {}, step: Step = due) =>
  inItsWindow(step, {
    ...{ windows: windows(), calendar: alwaysOpen, now: new Date(`${now}Z`), pace: null, answer: null },
    startedAt: '2027-01-04T12:00:00Z',
    ...more,
  });

/** Four clusters at once took so many minutes, two databases in each. */
const pace = (minutes: number): Pace => ({ seconds: minutes * 60, rounds: 1, turns: 2 });

describe('a wave', () => {
  test('begins while its window is open, and is parked until then otherwise', async () => {
    expect(await at('2027-01-05T01:00:00')).toBe(due);
    expect(await at('2027-01-05T03:59:59')).toBe(due);
    expect(await at('2027-01-05T00:59:30')).toEqual({
      next: 'park',
      park: {
        ...{ until: '2027-01-05T01:00:00.000Z', seconds: 30, shown: 'Tuesday 5 January 2027, 02:00 Europe/Berlin' },
        ...{ wave: 2, name: '10 %', reason: 'its window is closed at Tuesday 5 January 2027, 01:59 Europe/Berlin' },
      },
      answer: null,
    });
    expect(await at('2027-01-05T04:00:00')).toMatchObject({ park: { until: '2027-01-07T01:00:00.000Z' } });
  });

  test('begins at any time where there are no windows, and what is no wave is never kept waiting', async () => {
    expect(await at('2027-01-06T12:00:00', { windows: undefined })).toBe(due);
    const converge: Step = { next: 'converge' };
    expect(await at('2027-01-06T12:00:00', {}, converge)).toBe(converge);
  });

  test('is not begun if it would not be done in time, and waits for a window that is long enough', async () => {
    // Twice the rounds, and twice the turns, of what took an hour: two hours.
    expect(await at('2027-01-05T02:00:00', { pace: pace(60) })).toBe(due);
    expect(await at('2027-01-05T02:00:01', { pace: pace(60) })).toMatchObject({
      next: 'park',
      park: {
        until: '2027-01-07T01:00:00.000Z',
        reason: 'by the pace so far it takes 2 h, and its window closes Tuesday 5 January 2027, 05:00 Europe/Berlin',
      },
    });
  });

  test('that no window is long enough for ends the run, with what to do about it', async () => {
    expect(await at('2027-01-05T01:00:00', { pace: pace(100) })).toEqual({
      next: 'halt',
      error: 'OutsideWindow',
      reason:
        'wave 2 (10 %) is not begun: by the pace so far it takes 3 h 20 min, and its window closes Tuesday 5 January 2027, 05:00 Europe/Berlin. No window is as long as that, 3 h 20 min: make waves smaller, have more clusters worked on at once, or the windows longer. Another run goes on with what is left',
      revert: false,
    });
  });

  test('ends the run outside of its window where the policy is to refuse it', async () => {
    const refusing = { windows: windows({ outside: 'refuse' }) };
    expect(await at('2027-01-05T01:00:00', refusing)).toBe(due);
    expect(await at('2027-01-05T04:00:00', refusing)).toMatchObject({
      ...{ next: 'halt', error: 'OutsideWindow' },
      reason: expect.stringContaining('opens Thursday 7 January 2027, 02:00 Europe/Berlin'),
    });
  });

  test('is parked for no longer than an execution can last', async () => {
    const frozen = windows({ freezes: [{ from: '2027-01-01', to: '2027-12-31', reason: 'sold' }] });
    expect(await at('2027-01-05T01:00:00', { windows: frozen })).toMatchObject({
      reason: expect.stringContaining(
        'frozen up to and including 2027-12-31 (sold). No window opens while the run lasts',
      ),
    });
  });

  test('of tenants goes by their window, and is told in their time', async () => {
    const tokyo = { where: { region: 'asia' }, timeZone: 'Asia/Tokyo', closedDays: [], freezes: [] };
    const tenants = [{ ...tokyo, weekly: [{ days: ['Tuesday' as const], from: '02:00', to: '05:00' }] }];
    const theirs: Step = { ...due, wave: { ...wave, window: 0 } };
    expect(await at('2027-01-04T17:00:00', { windows: windows({ tenants }) }, theirs)).toBe(theirs);
    expect(await at('2027-01-05T01:00:00', { windows: windows({ tenants }) }, theirs)).toMatchObject({
      park: { until: '2027-01-11T17:00:00.000Z', shown: 'Tuesday 12 January 2027, 02:00 Asia/Tokyo' },
    });
  });

  test('that somebody let go on keeps their word while it is parked, and from when that was', async () => {
    const answer = { decision: 'resume' as const, by: 'Ada', reason: 'looked at it' };
    const first = await at('2027-01-05T12:00:00', { answer });
    expect(first).toMatchObject({ next: 'park', answer: { ...answer, since: '2027-01-05T12:00:00.000Z' } });
    const again = await at('2027-01-05T13:00:00', { answer: { ...answer, since: '2027-01-05T12:00:00.000Z' } });
    expect(again).toMatchObject({ answer: { since: '2027-01-05T12:00:00.000Z' } });
  });
});

describe('the pace', () => {
  const size = (clusters: number, databases: number, concurrency: number) => ({ clusters, databases, concurrency });
  const took = paceOf(size(4, 8, 4), '2027-01-05T01:00:00Z', '2027-01-05T01:10:00Z');

  test.each([
    ['the same again', size(4, 8, 4), 600],
    ['twice as many clusters, as many at once', size(8, 16, 4), 1_200],
    ['twice as many, twice as many at once', size(8, 16, 8), 600],
    ['one cluster with as many databases', size(1, 8, 4), 2_400],
    ['a few more than fit into a round', size(5, 10, 4), 1_200],
  ])('gives for %s', (_, next, seconds) => {
    expect(forecast(next, took)).toBe(seconds);
  });
});

describe('admission', () => {
  const admit = (now: string, more: Partial<Windows>) =>
    admitInWindow({ windows: windows(more), calendar: alwaysOpen, now: new Date(`${now}Z`) }, 'Do this.');

  test('is at any hour where runs are parked', async () => {
    await expect(admit('2027-01-06T12:00:00', {})).resolves.toBeUndefined();
  });

  test('is refused outside, with when the next window opens', async () => {
    await expect(admit('2027-01-05T02:00:00', { outside: 'refuse' })).resolves.toBeUndefined();
    await expect(admit('2027-01-06T12:00:00', { outside: 'refuse' })).rejects.toMatchObject({
      name: 'OutsideWindow',
      message:
        'No changes are made now: its window is closed at Wednesday 6 January 2027, 13:00 Europe/Berlin. The next window opens Thursday 7 January 2027, 02:00 Europe/Berlin. Do this. Nothing was touched.',
    });
  });

  test('is possible while the window of some tenants is open', async () => {
    const tokyo = { where: { region: 'asia' }, timeZone: 'Asia/Tokyo', closedDays: [], freezes: [] };
    const tenants = [{ ...tokyo, weekly: [{ days: ['Wednesday' as const], from: '20:00', to: '22:00' }] }];
    await expect(admit('2027-01-06T12:00:00', { outside: 'refuse', tenants })).resolves.toBeUndefined();
  });
});
