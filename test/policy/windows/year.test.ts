import { describe, expect, test } from 'vitest';
import { openings } from '../../../lib/policy/windows/openings.ts';
import type { Timetable } from '../../../lib/policy/windows/windows.ts';

// The year 2027 in five zones, worked out by hand from when their clocks are set. All times of the tables are UTC:
// every week from the first date to the last one, a window from one time to another.
type Row = [first: string, last: string, from: string, to: string];

const year: Record<string, { timetable: Timetable; table: Row[]; number: number }> = {
  // Clocks forward on 28 March at 01:00 UTC, from 02:00 to 03:00; back on 31 October at 01:00 UTC, from 03:00 to 02:00.
  'Sundays 01:30 to 03:30 in Berlin, frozen over Christmas': {
    timetable: {
      timeZone: 'Europe/Berlin',
      weekly: [{ days: ['Sunday'], from: '01:30', to: '03:30' }],
      closedDays: [],
      freezes: [{ from: '2027-12-20', to: '2028-01-02', reason: 'Christmas' }],
    },
    table: [
      ['01-03', '03-21', '00:30', '02:30'],
      ['03-28', '03-28', '00:30', '01:30'], // The hour from 02:00 is not there.
      ['04-03', '10-23', '23:30', '01:30'],
      ['10-30', '10-30', '23:30', '02:30'], // It is there twice.
      ['11-07', '12-19', '00:30', '02:30'],
    ],
    number: 51,
  },
  // Forward on 14 March at 07:00 UTC, from 02:00 to 03:00; back on 7 November at 06:00 UTC, from 02:00 to 01:00.
  'Saturdays 22:00 to Sundays 03:00 in New York, frozen on 3 July and around Thanksgiving': {
    timetable: {
      timeZone: 'America/New_York',
      weekly: [{ days: ['Saturday'], from: '22:00', to: '03:00' }],
      closedDays: [],
      freezes: [
        { from: '2027-07-03', to: '2027-07-03', reason: 'the eve of the fourth' },
        { from: '2027-11-25', to: '2027-11-28', reason: 'Thanksgiving' },
      ],
    },
    table: [
      ['01-03', '03-07', '03:00', '08:00'],
      ['03-14', '03-14', '03:00', '07:00'],
      ['03-21', '06-27', '02:00', '07:00'],
      ['07-04', '07-04', '04:00', '07:00'], // What is left of it after the frozen Saturday.
      ['07-11', '10-31', '02:00', '07:00'],
      ['11-07', '11-07', '02:00', '08:00'],
      ['11-14', '11-21', '03:00', '08:00'],
      ['12-05', '12-26', '03:00', '08:00'],
    ],
    number: 51,
  },
  // By half an hour: back on 4 April at 02:00 (15:00 UTC the day before), forward on 3 October at 02:00 (15:30 UTC).
  'Sundays 01:00 to 02:30 on Lord Howe Island, frozen on 2 May': {
    timetable: {
      timeZone: 'Australia/Lord_Howe',
      weekly: [{ days: ['Sunday'], from: '01:00', to: '02:30' }],
      closedDays: [],
      freezes: [{ from: '2027-05-02', to: '2027-05-02', reason: 'a wedding' }],
    },
    table: [
      ['01-02', '03-27', '14:00', '15:30'],
      ['04-03', '04-03', '14:00', '16:00'],
      ['04-10', '04-24', '14:30', '16:00'],
      ['05-08', '09-25', '14:30', '16:00'],
      ['10-02', '10-02', '14:30', '15:30'],
      ['10-09', '12-25', '14:00', '15:30'],
    ],
    number: 51,
  },
  // At midnight: Saturday, 3 April goes back from 24:00 to 23:00; Sunday, 5 September begins at 01:00.
  'Saturdays 23:30 to Sundays 00:30 in Santiago, frozen on 18 and 19 September': {
    timetable: {
      timeZone: 'America/Santiago',
      weekly: [{ days: ['Saturday'], from: '23:30', to: '00:30' }],
      closedDays: [],
      freezes: [{ from: '2027-09-18', to: '2027-09-19', reason: 'Fiestas Patrias' }],
    },
    table: [
      ['01-03', '03-28', '02:30', '03:30'],
      ['04-04', '04-04', '02:30', '03:00'], // The half hour before midnight is there twice, not in one piece.
      ['04-04', '04-04', '03:30', '04:30'],
      ['04-11', '08-29', '03:30', '04:30'],
      ['09-05', '09-05', '03:30', '04:00'], // The half hour after midnight is not there.
      ['09-12', '09-12', '02:30', '03:30'],
      ['09-26', '12-26', '02:30', '03:30'],
    ],
    number: 52,
  },
  // No daylight saving, and half an hour off the full one. What is 03:00 there was 21:30 UTC the day before.
  'every day but Fridays 03:00 to 04:00 in Kolkata, frozen for the week of Diwali': {
    timetable: {
      timeZone: 'Asia/Kolkata',
      weekly: [
        {
          days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
          from: '03:00',
          to: '04:00',
        },
      ],
      closedDays: ['Friday'],
      freezes: [{ from: '2027-11-01', to: '2027-11-07', reason: 'Diwali' }],
    },
    table: [
      ['01-01', '10-29', '21:30', '22:30'],
      ['01-02', '10-30', '21:30', '22:30'],
      ['01-03', '10-24', '21:30', '22:30'],
      ['01-04', '10-25', '21:30', '22:30'],
      ['01-05', '10-26', '21:30', '22:30'],
      ['01-06', '10-27', '21:30', '22:30'],
      ['11-12', '12-31', '21:30', '22:30'],
      ['11-13', '12-25', '21:30', '22:30'],
      ['11-07', '12-26', '21:30', '22:30'],
      ['11-08', '12-27', '21:30', '22:30'],
      ['11-09', '12-28', '21:30', '22:30'],
      ['11-10', '12-29', '21:30', '22:30'],
    ],
    number: 307,
  },
};

/** Plain arithmetic of UTC: of time zones the expectation knows nothing. */
const written = (table: Row[]): string[] =>
  table
    .flatMap(([first, last, from, to]) => {
      const rows: string[] = [];
      for (let at = Date.parse(`2027-${first}T${from}Z`); at <= Date.parse(`2027-${last}T${from}Z`); at += 7 * DAY) {
        const date = new Date(at).toISOString().slice(0, 10);
        const end = Date.parse(`${date}T${to}Z`) + (to < from ? DAY : 0);
        rows.push(shown({ from: at, to: end }));
      }
      return rows;
    })
    .sort();

const shown = ({ from, to }: { from: number; to: number }): string =>
  `${new Date(from).toISOString()} ${new Date(to).toISOString()}`;

const DAY = 86_400_000;

describe('a year of windows', () => {
  test.each(Object.entries(year))('%s', (_, { timetable, table, number }) => {
    const found = openings([timetable], Date.parse('2027-01-01T00:00Z'), Date.parse('2028-01-01T00:00Z'));
    expect(found.map(shown)).toEqual(written(table));
    expect(found).toHaveLength(number);
  });
});
