import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byNumber, numberKey, readName } from '../../lib/migrations/names.ts';

describe('a file name', () => {
  it.each([
    ['001_create_a.sql', 'sequential', '001', 'create_a', 'up'],
    ['7_a.sql', 'sequential', '7', 'a', 'up'],
    ['000123456789_a.down.sql', 'sequential', '000123456789', 'a', 'down'],
    ['001_2fa_tables.sql', 'sequential', '001', '2fa_tables', 'up'],
    ['20260115120000_create_a.up.sql', 'timestamp', '20260115120000', 'create_a', 'up'],
    ['00000000000012_a.sql', 'sequential', '00000000000012', 'a', 'up'],
    ['2026_01_15_001_create_a.sql', 'hybrid', '2026_01_15_001', 'create_a', 'up'],
    ['2026_01_15_001_create_a.down.sql', 'hybrid', '2026_01_15_001', 'create_a', 'down'],
    ['V1.2__create_a.sql', 'flyway', '1.2', 'create_a', 'up'],
    ['V1_2__create_a.sql', 'flyway', '1_2', 'create_a', 'up'],
    ['U1.2__create_a.sql', 'flyway', '1.2', 'create_a', 'down'],
    ['V3__release_1.3.sql', 'flyway', '3', 'release_1.3', 'up'],
    ['001_größe.sql', 'sequential', '001', 'größe', 'up'],
  ])('%s is read', (file, scheme, id, name, direction) => {
    expect(readName(file)).toMatchObject({ file, scheme, id, name, direction });
  });

  it.each([
    'create_a.sql',
    '001.sql',
    '001_.sql',
    '001-create.sql',
    '001_a.dwn.sql',
    '001_a.SQL',
    'V1_a.sql',
    'v1__a.sql',
    'R__a.sql',
    '001_a\u0007.sql',
  ])('%j is not', (file) => expect(readName(file)).toBeNull());
});

describe('the order', () => {
  const ordered = (...files: string[]) =>
    files
      .map((file) => readName(file)!)
      .sort(byNumber)
      .map(({ file }) => file);

  it('follows the number, not the text', () => {
    expect(ordered('10_a.sql', '9_b.sql', '001_c.sql')).toEqual(['001_c.sql', '9_b.sql', '10_a.sql']);
    expect(ordered('V1.10__a.sql', 'V1.9__b.sql', 'V1__c.sql')).toEqual(['V1__c.sql', 'V1.9__b.sql', 'V1.10__a.sql']);
  });

  it('knows numbers beyond what a double holds', () => {
    expect(ordered('9007199254740993_b.sql', '9007199254740992_a.sql')).toEqual([
      '9007199254740992_a.sql',
      '9007199254740993_b.sql',
    ]);
  });

  it('agrees with which numbers are the same', () => {
    const part = fc.bigInt({ min: 0n, max: 12n });
    const number = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => ({ number: parts }));
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(byNumber(a, b) === 0).toBe(numberKey(a) === numberKey(b));
        expect(byNumber(a, b)).toBe(-byNumber(b, a) + 0);
      }),
    );
  });
});
