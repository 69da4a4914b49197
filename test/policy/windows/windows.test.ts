import { describe, expect, test } from 'vitest';
import { alwaysOpen, type Calendar, findOpening } from '../../../lib/policy/windows/find-opening.ts';
import { openings } from '../../../lib/policy/windows/openings.ts';
import { timetablesOf, Windows, windowOf } from '../../../lib/policy/windows/windows.ts';
import { closedBecause, spoken, spokenLength } from '../../../lib/policy/windows/words.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

const windows = (more: Partial<Windows> = {}): Windows =>
  Windows.parse({
    timeZone: 'Europe/Berlin',
    weekly: [{ days: ['Tuesday', 'Thursday'], from: '22:00', to: '02:00' }],
    closedDays: ['Friday'],
    freezes: [{ from: '2027-01-19', to: '2027-01-20', reason: 'sale' }],
    outside: 'park',
    calendars: [],
    tenants: [],
    ...more,
  });

describe('windows as they are declared', () => {
  test.each([
    ['a zone that is an abbreviation', { timeZone: 'CET' }, 'IANA'],
    ['a zone that is an offset', { timeZone: '+01:00' }, 'IANA'],
    ['a zone that there is not', { timeZone: 'Europe/Bonn' }, 'IANA'],
    ['an hour that there is not', { weekly: [{ days: ['Monday'], from: '25:00', to: '03:00' }] }, 'time of day'],
    ['a window without a length', { weekly: [{ days: ['Monday'], from: '02:00', to: '02:00' }] }, 'the same'],
    ['a day that there is not', { closedDays: ['Freitag'] }, 'Friday'],
    [
      'a date that there is not',
      { freezes: [{ from: '2027-02-29', to: '2027-03-01', reason: 'x' }] },
      'date that there',
    ],
    [
      'a freeze that ends first',
      { freezes: [{ from: '2027-03-02', to: '2027-03-01', reason: 'x' }] },
      'before it begins',
    ],
    ['something unknown', { holidays: [] }, 'holidays'],
  ])('refuse %s', (_, wrong, says) => {
    const found = Windows.safeParse({ ...windows(), ...wrong });
    expect(found.error?.message).toContain(says);
  });

  test('are by the labels of a database, the first that fits', () => {
    const own = { timeZone: 'Asia/Tokyo', weekly: [], closedDays: [], freezes: [] };
    const some = windows({
      tenants: [
        { where: { region: 'asia', tier: 'gold' }, ...own },
        { where: { region: 'asia' }, ...own },
      ],
    });
    expect(windowOf(some, { region: 'asia', tier: 'gold' })).toBe(0);
    expect(windowOf(some, { region: 'asia', tier: 'free' })).toBe(1);
    expect(windowOf(some, { region: 'europe' })).toBeNull();
  });
});

describe('an opening', () => {
  const week = (it: Windows, window: number | null = null) =>
    openings(timetablesOf(it, window), at('2027-01-04T00:00'), at('2027-01-11T00:00')).map(({ from, to }) =>
      [from, to].map((time) => new Date(time).toISOString().slice(5, 16)).join(' '),
    );

  test('goes on over midnight, but not into a day that is closed', () => {
    expect(week(windows())).toEqual(['01-05T21:00 01-06T01:00', '01-07T21:00 01-07T23:00']);
  });

  test("of tenants has their hours in their zone, and the environment's own closed days and freezes", () => {
    const asia = { timeZone: 'Asia/Tokyo', closedDays: [], freezes: [] };
    const tenants = [
      { where: { region: 'asia' }, weekly: [{ days: ['Friday' as const], from: '06:00', to: '09:00' }], ...asia },
    ];
    // 06:00 in Tokyo is 22:00 on Thursday in Berlin; at 08:00 it is Friday there.
    expect(week(windows({ tenants }), 0)).toEqual(['01-07T21:00 01-07T23:00']);
  });

  test('is looked for from now on, and long enough', async () => {
    const look = async (from: string, lasting: number, calendar: Calendar = alwaysOpen) => {
      const options = { now: at(from), horizon: at('2027-03-01T00:00'), lasting, calendar };
      const found = await findOpening(timetablesOf(windows(), null), options);
      return found && new Date(found.from).toISOString();
    };
    expect(await look('2027-01-05T22:00', 0)).toBe('2027-01-05T22:00:00.000Z');
    expect(await look('2027-01-05T22:00', 3 * HOUR)).toBe('2027-01-05T22:00:00.000Z');
    expect(await look('2027-01-05T22:01', 3 * HOUR)).toBe('2027-01-12T21:00:00.000Z');
    expect(await look('2027-01-18T12:00', 3 * HOUR)).toBe('2027-01-26T21:00:00.000Z');
    expect(await look('2027-01-05T22:00', 5 * HOUR)).toBeUndefined();
  });

  test('is one that the calendars leave open, too', async () => {
    const asked: string[] = [];
    // Closed until half an hour into the first window, and again ten minutes later until the middle of the second one.
    const [first, second, third] = ['2027-01-05T21:30', '2027-01-05T21:40', '2027-01-07T22:00'].map(at);
    const calendar: Calendar = async (time) => {
      asked.push(new Date(time).toISOString());
      if (time < first!) return { open: false, until: first! };
      if (time < second!) return { open: true, until: second! };
      return time < third! ? { open: false, until: third! } : { open: true, until: null };
    };
    const options = { now: at('2027-01-04T12:00'), horizon: at('2027-03-01T00:00'), calendar };
    const find = (lasting: number) => findOpening(timetablesOf(windows(), null), { ...options, lasting });
    expect(await find(5 * 60_000)).toEqual({ from: first, to: second });
    expect(await find(HOUR)).toEqual({ from: third, to: at('2027-01-07T23:00') });
    // Never about a time that the timetable closes anyway.
    expect(asked).not.toContain('2027-01-04T12:00:00.000Z');
    const never: Calendar = async () => ({ open: false, until: null });
    expect(
      await findOpening(timetablesOf(windows(), null), { ...options, calendar: never, lasting: 0 }),
    ).toBeUndefined();
  });

  test('that flutters without end is given up', async () => {
    let looks = 0;
    const flutters: Calendar = async (time) => {
      looks += 1;
      return { open: looks % 2 === 0, until: time + 1000 };
    };
    const always = timetablesOf(windows({ weekly: [], closedDays: [], freezes: [] }), null);
    const options = { now: at('2027-01-04T12:00'), horizon: at('2028-01-01T00:00'), calendar: flutters };
    expect(await findOpening(always, { ...options, lasting: HOUR })).toBeUndefined();
    expect(looks).toBe(200);
  });
});

test('what is closed says why, in the zone that it is closed in', () => {
  const closed = (text: string) => closedBecause(timetablesOf(windows(), null), at(text));
  expect(closed('2027-01-05T21:00')).toBeNull();
  expect(closed('2027-01-05T20:59')).toBe('its window is closed at Tuesday 5 January 2027, 21:59 Europe/Berlin');
  expect(closed('2027-01-07T23:00')).toBe('nothing is changed on a Friday');
  expect(closed('2027-01-19T21:30')).toBe('it is frozen up to and including 2027-01-20 (sale)');
  expect(spoken(at('2027-07-06T00:00'), 'Europe/Berlin')).toBe('Tuesday 6 July 2027, 02:00 Europe/Berlin');
  expect([1, 59, 60, 61, 300].map((minutes) => spokenLength(minutes * 60_000))).toEqual([
    ...['1 min', '59 min', '1 h', '1 h 1 min', '5 h'],
  ]);
});

const HOUR = 3_600_000;
