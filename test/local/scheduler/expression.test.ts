import { describe, expect, test } from 'vitest';
import { recurrence } from '../../../lib/local/scheduler/expression.ts';

/** The first times of a schedule after an instant. */
const times = (expression: string, zone: string, after: string, count = 3): string[] => {
  const next = recurrence(expression, zone, Date.parse(after));
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count) {
    at = next(at);
    if (at === undefined) return found;
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
};

describe('a cron expression', () => {
  test.each([
    ['every day at five', 'cron(0 5 * * ? *)', ['2026-01-05T05:00Z', '2026-01-06T05:00Z', '2026-01-07T05:00Z']],
    [
      'every quarter of an hour',
      'cron(0/15 * * * ? *)',
      ['2026-01-05T00:15Z', '2026-01-05T00:30Z', '2026-01-05T00:45Z'],
    ],
    ['on weekdays', 'cron(30 22 ? * MON-FRI *)', ['2026-01-05T22:30Z', '2026-01-06T22:30Z', '2026-01-07T22:30Z']],
    ['on days by number', 'cron(0 0 ? * 1,7 *)', ['2026-01-10T00:00Z', '2026-01-11T00:00Z', '2026-01-17T00:00Z']],
    [
      'on a day that few months have',
      'cron(0 0 31 * ? *)',
      ['2026-01-31T00:00Z', '2026-03-31T00:00Z', '2026-05-31T00:00Z'],
    ],
    ['in some months of a year', 'cron(0 12 1 FEB,APR ? 2026)', ['2026-02-01T12:00Z', '2026-04-01T12:00Z']],
    ['on leap days', 'cron(0 0 29 2 ? *)', ['2028-02-29T00:00Z', '2032-02-29T00:00Z', '2036-02-29T00:00Z']],
  ])('comes %s', (_, expression, expected) => {
    expect(times(expression, 'UTC', '2026-01-05T00:00:00Z')).toEqual(expected);
  });

  test('means the clocks of its zone, which are put forward: what they never show is left out', () => {
    // In Berlin it is never half past two on 29 March 2026.
    expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00:00Z')).toEqual([
      ...['2026-03-28T01:30Z', '2026-03-30T00:30Z', '2026-03-31T00:30Z'],
    ]);
  });

  test('means the clocks of its zone, which are put back: what they show twice comes once', () => {
    // In Berlin it is half past two twice on 25 October 2026.
    expect(times('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toEqual([
      ...['2026-10-25T00:30Z', '2026-10-26T01:30Z', '2026-10-27T01:30Z'],
    ]);
    expect(times('cron(0 0 * * ? *)', 'Australia/Lord_Howe', '2026-04-03T20:00:00Z')).toEqual([
      ...['2026-04-04T13:00Z', '2026-04-05T13:30Z', '2026-04-06T13:30Z'],
    ]);
  });

  test.each([
    ['cron(0 5 * * ?)', 'five fields', /has 5 fields, not six/],
    ['cron(0 5 * * * *)', 'both kinds of days', /one of day of month and day of week is a question mark/],
    ['cron(0 5 ? * ? *)', 'neither kind of days', /one of day of month and day of week is a question mark/],
    ['cron(60 5 * * ? *)', 'a minute too many', /minutes 60 is not understood here: 0 to 59/],
    ['cron(0 5 L * ? *)', 'the last day', /day of month L is not understood here/],
    ['cron(0 5 ? * 2#1 *)', 'the first Monday', /day of week 2#1 is not understood here/],
    ['cron(0 20-5 * * ? *)', 'a range that runs backwards', /hours 20-5 is not understood here/],
    ['cron(0/0 5 * * ? *)', 'a step of nothing', /minutes 0\/0 is not understood here/],
    ['cron(? 5 * * ? *)', 'any minute', /minutes \? is not understood here/],
    ['at(2026-01-05T00:00:00)', 'a single time', /is not understood here: rate\(…\) and cron\(…\) are/],
    ['rate(1.5 hours)', 'half hours', /rate\(1.5 hours\) is not understood/],
    ['rate(0 minutes)', 'no time at all', /rate\(0 minutes\) is not understood/],
  ])('is refused: %s, with %s', (expression, _, reason) => {
    expect(() => recurrence(expression, 'UTC', 0)).toThrow(reason);
  });

  test('is refused in a zone that there is not', () => {
    expect(() => recurrence('cron(0 5 * * ? *)', 'Europe/Atlantis', 0)).toThrow(/Europe\/Atlantis/);
  });
});

test('a rate begins at once, and keeps its pace', () => {
  const next = recurrence('rate(12 hours)', 'UTC', Date.parse('2026-01-05T09:00:00Z'));
  const after = (iso: string) => new Date(next(Date.parse(iso))!).toISOString();
  expect(after('2026-01-05T08:59:59.999Z')).toBe('2026-01-05T09:00:00.000Z');
  expect(after('2026-01-05T09:00:00Z')).toBe('2026-01-05T21:00:00.000Z');
  expect(after('2026-01-06T08:00:00Z')).toBe('2026-01-06T09:00:00.000Z');
});
