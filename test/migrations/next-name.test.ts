import { expect, it } from 'vitest';
import { byNumber, readName } from '../../lib/migrations/names.ts';
import { nextName } from '../../lib/migrations/next-name.ts';

const now = new Date('2026-01-15T12:30:05.678Z');

it.each([
  ['the first of all', [], '001_x.sql'],
  ['a number', ['001_a.sql', '002_b.sql'], '003_x.sql'],
  ['a number with the zeros of the last one', ['0001_a.sql', '0099_b.sql'], '0100_x.sql'],
  ['a number without zeros', ['1_a.sql', '9_b.sql'], '10_x.sql'],
  ['with up where others have it', ['001_a.up.sql', '001_a.down.sql'], '002_x.up.sql'],
  ['the time', ['20251224120000_a.sql'], '20260115123005_x.sql'],
  ['a time after one that lies ahead', ['20260201000000_a.sql'], '20260201000001_x.sql'],
  ['the first of a day', ['2026_01_14_007_a.sql'], '2026_01_15_001_x.sql'],
  ['the next of a day', ['2026_01_15_009_a.sql'], '2026_01_15_010_x.sql'],
  ['the next of a day ahead', ['2026_02_01_001_a.sql'], '2026_02_01_002_x.sql'],
  ["Flyway's next version", ['V1__a.sql', 'V2.7__b.sql'], 'V3__x.sql'],
])('is called by %s', (_, files, expected) => {
  const names = files.map((file) => readName(file)!).toSorted(byNumber);
  const name = nextName(names, 'x', now);
  expect(name).toBe(expected);
  const read = readName(name)!;
  expect(read.name).toBe('x');
  for (const before of names) expect(byNumber(before, read)).toBeLessThan(0);
});
