import { beforeAll, describe, expect, it } from 'vitest';
import { bundle, inspect } from '../../lib/migrations/build.ts';
import { loadParser } from '../../lib/migrations/scan.ts';
import { folderOf } from '../helpers/folder.ts';
import { compiled, problemsOf } from '../helpers/sql.ts';

beforeAll(loadParser);

const all = { stepwise: true, lockTimeout: 5_000, statementTimeout: 600_000, outOfOrder: true };

describe('directives', () => {
  it.each([
    '-- lockstep: stepwise lock-timeout=5s statement-timeout=10min out-of-order\nSELECT 1',
    '-- lockstep: stepwise, lock-timeout=5s,statement-timeout=10min , out-of-order\nSELECT 1',
    '--lockstep:stepwise\n-- What this is for\n\n-- Lockstep : lock-timeout=5000ms statement-timeout=10min\r\n/* a */\n-- lockstep: out-of-order\n',
    '\ufeff-- lockstep: stepwise lock-timeout=5s\r\n-- lockstep: statement-timeout=10min out-of-order\r\n;SELECT 1',
  ])('stand in the comment at the head of a file: %j', (sql) => {
    const { directives, problems } = compiled(sql);
    expect(problems).toEqual([]);
    expect(directives).toEqual(all);
  });

  it.each([
    ['250ms', 250],
    ['1s', 1_000],
    ['90min', 5_400_000],
    ['72h', 259_200_000],
  ])('name times in units: %s', (written, expected) => {
    expect(compiled(`-- lockstep: statement-timeout=${written}`).directives).toEqual({ statementTimeout: expected });
  });

  it.each([
    ['-- lockstep: stepwize', '1:14 stepwize is not a directive'],
    ['-- größe\n-- lockstep: stepwise, größe=1', '2:24 größe=1 is not a directive'],
    ['-- lockstep: ', '1:1 the directive is missing'],
    ['-- lockstep: stepwise stepwise', '1:23 stepwise is said twice'],
    ['-- lockstep: stepwise=yes', '1:14 stepwise takes no value'],
    ['-- lockstep: lock-timeout', '1:14 lock-timeout names no time'],
    ['-- lockstep: lock-timeout=5', '1:14 lock-timeout=5 names no time'],
    ['-- lockstep: lock-timeout=1.5s', '1:14 lock-timeout=1.5s names no time'],
    ['-- lockstep: lock-timeout=-5s', '1:14 lock-timeout=-5s names no time'],
    ['-- lockstep: lock-timeout = 5s', '1:14 lock-timeout names no time'],
    ['-- lockstep: lock-timeout=0s', '1:14 lock-timeout=0s is no sensible time'],
    ['-- lockstep: lock-timeout=2h', '1:14 lock-timeout=2h is no sensible time'],
    ['-- lockstep: statement-timeout=73h', '1:14 statement-timeout=73h is no sensible time'],
    ['-- lockstep: lock-timeout=2s statement-timeout=1s', '1:1 lock-timeout is longer than statement-timeout'],
    ['-- lockstep: accepts-drift', '1:14 accepts-drift names no schema'],
    ['-- lockstep: accepts-drift=8a9b', '1:14 accepts-drift=8a9b names no schema'],
    ['-- lockstep accepts-drift', '1:1 this is not how a directive is written'],
    ['-- lockstep stepwise', '1:1 this is not how a directive is written'],
    ['/* lockstep: stepwise */', '1:1 this is not how a directive is written'],
    ['/*\n * lockstep: stepwise\n */', '1:1 this is not how a directive is written'],
    ['SELECT 1;\n  -- lockstep: stepwise', '2:3 a directive stands in the comment at the head of a file, not here'],
    ['SELECT 1 -- lockstep: stepwise\n', '1:10 a directive stands in the comment at the head of a file, not here'],
  ])('are refused, not passed over: %j', (sql, problem) => {
    expect(problemsOf(sql)[0]).toBe(problem);
    expect(compiled(sql).problems[0]!.remedy!.length).toBeGreaterThan(10);
  });

  it.each([
    "SELECT '-- lockstep: no'",
    'DO $$ BEGIN -- lockstep: no\n END $$',
    '-- lockstep is a tool',
    '-- see lockstep: no',
  ])('are not looked for elsewhere: %j', (sql) =>
    expect(compiled(sql)).toMatchObject({ directives: {}, problems: [] }),
  );

  it('travel in the bundle, of an up and of a down each its own', async () => {
    const folder = await folderOf({
      '1_a.up.sql': '-- lockstep: stepwise lock-timeout=5s\nSELECT 1; SELECT 2;',
      '1_a.down.sql': '-- lockstep: statement-timeout=1h\nSELECT 3;',
      '2_b.sql': '-- lockstep: out-of-order\nSELECT 4;',
    });
    const [first, second] = (await bundle(folder)).bundle.migrations;
    expect(first).toMatchObject({
      mode: 'stepwise',
      directives: { stepwise: true, lockTimeout: 5_000 },
      down: { mode: 'transactional', directives: { statementTimeout: 3_600_000 } },
    });
    expect(second).toMatchObject({ mode: 'transactional', directives: { outOfOrder: true } });
  });

  it('name the tables that may lose rows, once for each', async () => {
    expect(compiled('-- lockstep: loses-rows=orders, loses-rows=shop.items\nSELECT 1')).toMatchObject({
      directives: { losesRows: ['orders', 'shop.items'] },
      problems: [],
    });
    expect(compiled('-- lockstep: loses-rows\nSELECT 1').problems).toMatchObject([
      { message: 'loses-rows names no table', line: 1, column: 14 },
    ]);
    const folder = await folderOf({ '1_a.up.sql': '', '1_a.down.sql': '-- lockstep: loses-rows=orders' });
    expect((await inspect(folder)).problems).toMatchObject([{ message: 'a down file may take any rows out' }]);
  });

  it('name the schema that a migration gives to all databases, though it came about without one', () => {
    const fingerprint = 'a1'.repeat(32);
    expect(compiled(`-- lockstep: accepts-drift=${fingerprint}\nSELECT 1`).directives).toEqual({
      acceptsDrift: fingerprint,
    });
  });

  it('of a down accept nothing', async () => {
    const down = `-- lockstep: accepts-drift=${'a1'.repeat(32)}`;
    const folder = await folderOf({ '1_a.up.sql': '', '1_a.down.sql': down });
    expect((await inspect(folder)).problems).toMatchObject([
      { line: 1, column: 14, message: 'a down file accepts nothing' },
    ]);
  });

  it('of a down say nothing of its order', async () => {
    const folder = await folderOf({ '1_a.up.sql': '', '1_a.down.sql': '-- lockstep: out-of-order' });
    expect((await inspect(folder)).problems).toMatchObject([
      { line: 1, column: 14, message: 'a down file has no order of its own' },
    ]);
  });
});
