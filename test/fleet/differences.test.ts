import { describe, expect, test } from 'vitest';
import type { SchemaObject } from '../../lib/database/objects.ts';
import { type Ended, FingerprintsDiffer } from '../../lib/fleet/converge.ts';
import { Differences, differences } from '../../lib/fleet/differences.ts';

/** A schema of things, each `name` or `name=definition`. */
const schema = (...things: string[]): SchemaObject[] =>
  things.map((it) => {
    const [object = '', definition = ''] = it.split('=');
    return { object, parent: null, hash: definition };
  });

const usual = ['table public.orders', 'index public.orders_customer_id_idx', 'view public.totals'];
const group = (fingerprint: string, ...databases: string[]) => ({ fingerprint, databases });
const many = (count: number, name = 't') => Array.from({ length: count }, (_, n) => `${name}${n}/db`);

/** What is found, and said, where databases have the schemas of their groups, or can't be read for a reason. */
const found = async (
  groups: Ended['groups'],
  schemas: Record<string, string[] | Error>,
  unfinished: Ended['unfinished'] = [],
) => {
  const read: string[] = [];
  const it = await differences({ groups, unfinished }, async (database) => {
    read.push(database);
    const answer =
      schemas[database] ?? schemas[groups.find(({ databases }) => databases.includes(database))!.fingerprint];
    if (answer instanceof Error) throw answer;
    return schema(...(answer ?? usual));
  });
  const all = { ...it, dataApiCalls: read.length };
  expect(Differences.parse(all)).toEqual(all);
  const { name, details, message } = new FingerprintsDiffer(all);
  expect(details).toEqual(all);
  return { ...all, read, sentence: `${name}: ${message}` };
};

describe('a fleet of different schemas', () => {
  const three = [group('f1', ...many(97)), group('f2', 'a/x', 'b/y', 'c/z'), group('f3', 'd/w')];

  test('is explained group by group, from one database of each', async () => {
    const it = await found(three, {
      f2: ['table public.orders', 'view public.totals'],
      f3: [...usual, 'column public.orders.note'],
    });
    expect(it.sentence).toBe(
      'FingerprintsDiffer: The fleet has 3 different schemas: 97 alike; ' +
        '3 (a/x, b/y, c/z) lack index public.orders_customer_id_idx; 1 (d/w) has column public.orders.note besides.',
    );
    expect(it.read).toEqual(['t0/db', 'a/x', 'd/w']);
    expect(it.groups).toMatchObject([
      { fingerprint: 'f1', count: 97, read: 't0/db', differences: [] },
      {
        ...{ fingerprint: 'f2', count: 3, databases: ['a/x', 'b/y', 'c/z'], read: 'a/x', unreadable: [] },
        differences: [{ is: 'missing', count: 1, objects: ['index public.orders_customer_id_idx'] }],
      },
      { differences: [{ is: 'not expected', count: 1, objects: ['column public.orders.note'] }] },
    ]);
  });

  test('tells what is defined otherwise, and all kinds of differences of a group', async () => {
    const it = await found([group('f1', 'a/x', 'b/y'), group('f2', 'c/z')], {
      f2: ['table public.orders', 'view public.totals=other', 'table public.notes'],
    });
    expect(it.sentence).toContain(
      '2 alike; 1 (c/z) lacks index public.orders_customer_id_idx, and has table public.notes besides, ' +
        'and has another definition of view public.totals.',
    );
  });

  test('of which none is larger, is told beside the first', async () => {
    const it = await found([group('f1', 'a/x'), group('f2', 'b/y')], { f2: usual.slice(1) });
    expect(it.sentence).toContain('2 different schemas: 1 (a/x) to compare with; 1 (b/y) lacks table public.orders.');
  });

  test('may be alike by the time that one looks', async () => {
    const it = await found([group('f1', 'a/x', 'b/y'), group('f2', 'c/z'), group('f3', 'd/w', 'e/v')], {});
    expect(it.sentence).toContain('2 alike; 1 (c/z) is alike by now; 2 (d/w, e/v) are alike by now.');
  });

  test('is read eight times at most; of the others a few are named', async () => {
    const groups = Array.from({ length: 150 }, (_, n) => group(`f${n}`, `c${n}/db`, ...(n === 0 ? many(3) : [])));
    const it = await found(groups, Object.fromEntries(groups.map((_, n) => [`f${n}`, [...usual, `table t${n}`]])));
    expect(it.read).toEqual(groups.slice(0, 8).map(({ databases: [one] }) => one));
    expect(it.sentence).toMatch(
      /^FingerprintsDiffer: The fleet has 150 different schemas: 4 alike; 1 \(c1\/db\) lacks table t0, and has table t1 besides; .*; 142 more schemas, not looked into \(c8\/db, c9\/db, c10\/db and 139 more\)\.$/,
    );
    expect(it).toMatchObject({ schemas: 150, groups: { length: 100 } });
    expect(it.groups[8]).toMatchObject({ read: null, differences: null, unreadable: [] });
  });
});

describe('a database that can not be read', () => {
  const two = [group('f1', 'a/x', 'a/y', 'b/z'), group('f2', 'c/v', 'c/w')];
  const missing = { f2: usual.slice(1) };

  test('is named, and another one of its group is read, of another cluster if there is one', async () => {
    const it = await found(two, { ...missing, 'a/x': new Error('no such secret'), 'c/v': new Error('no login') });
    expect(it.read.toSorted()).toEqual(['a/x', 'b/z', 'c/v', 'c/w']);
    expect(it.sentence).toContain(
      '3 alike [a/x: no such secret]; 2 (c/v, c/w) lack table public.orders [c/v: no login].',
    );
    expect(it.groups[0]).toMatchObject({ read: 'b/z', unreadable: [{ database: 'a/x', reason: 'no such secret' }] });
  });

  test('does not hide how others differ', async () => {
    const it = await found([...two, group('f3', 'd/w')], { ...missing, f3: new Error('no login') });
    expect(it.sentence).toContain(
      '2 (c/v, c/w) lack table public.orders; 1 (d/w) differs in what is not known [d/w: no login].',
    );
  });

  test('leaves the others without comparison where it is one of the largest group, and so is the second', async () => {
    const it = await found(two, { ...missing, f1: new Error('gone') });
    expect(it.sentence).toContain('3 alike [a/x: gone] [b/z: gone]; 2 (c/v, c/w) differ in what is not known.');
    expect(it.groups).toMatchObject([
      { read: null, differences: null },
      { read: 'c/v', differences: null },
    ]);
  });
});

describe('databases that the run did not get through', () => {
  const unfinished: Ended['unfinished'] = [
    { database: 'f/one', verdict: 'skipped' },
    { database: 'f/two', verdict: 'failed' },
    ...many(4, 'u').map((database) => ({ database, verdict: 'skipped' as const })),
  ];

  test('have a sentence of their own, and hide no difference', async () => {
    const it = await found([group('f1', 'a/x', 'b/y'), group('f2', 'c/z')], { f2: usual.slice(1) }, unfinished);
    expect(it.sentence).toContain(
      '2 alike; 1 (c/z) lacks table public.orders; 6 did not get through the run and are no drift ' +
        '(failed: f/two; skipped: f/one, u0/db, u1/db and 2 more).',
    );
    expect(it.unfinished).toMatchObject([
      { verdict: 'failed', count: 1, databases: ['f/two'] },
      { verdict: 'skipped', count: 5 },
    ]);
  });

  test('are not compared: nothing is read where all others are alike', async () => {
    const it = await found([group('f1', 'a/x', 'b/y')], {}, unfinished.slice(1, 2));
    expect(it.read).toEqual([]);
    expect(it.sentence).toBe(
      'FingerprintsDiffer: The fleet is not all at one schema: 2 alike; 1 did not get through the run and is no drift (failed: f/two).',
    );
  });

  test('may be all', async () => {
    const it = await found([], {}, unfinished.slice(0, 1));
    expect(it.sentence).toContain('not all at one schema: no database is at it; 1 did not get through');
  });
});

describe('whatever there is to tell', () => {
  test('the first twenty of each kind are kept, and fewer told', async () => {
    const it = await found([group('f1', 'a/x', 'b/y'), group('f2', 'c/z')], {
      f1: Array.from({ length: 50 }, (_, n) => `table a_table_with_quite_a_name_${n}`),
      f2: ['view w'],
    });
    expect(it.groups[1]?.differences).toMatchObject([
      { is: 'missing', count: 50 },
      { is: 'not expected', count: 1, objects: ['view w'] },
    ]);
    expect(it.groups[1]?.differences?.[0]?.objects).toHaveLength(20);
    expect(it.sentence).toMatch(/lacks table a_table_with_quite_a_name_0, .* and \d+ more, and has view w besides\.$/);
  });

  test('is short enough for a cause that has it twice, and hides nothing that failed', async () => {
    const long = 'c'.repeat(63);
    const groups = Array.from({ length: 5_000 }, (_, n) => group(`f${n}`, ...many(9, `${long}${n}`)));
    const it = await found(
      groups,
      Object.fromEntries(groups.map((_, n) => [`f${n}`, many(60, `function ${'"'.repeat(2_000)}${n}`)])),
      many(1_000, `${long}u`).map((database) => ({ database, verdict: 'in doubt' as const })),
    );
    expect(it.sentence.length).toBeLessThan(8_000);
    expect(it.sentence).toContain('1000 did not get through the run');
    expect(JSON.stringify(it.groups).length).toBeLessThan(1_000_000);
  });

  test('a name can not move the cursor, or turn what follows it round', async () => {
    const it = await found([group('f1', 'a/x', 'b/y'), group('f2', 'c/z')], {
      f2: [...usual, 'table "\u001b[2J\u202e\n"'],
    });
    expect(it.sentence).toContain('has table "\u{fffd}[2J\u{fffd}" besides');
    expect(it.groups[1]?.differences?.[0]?.objects).toEqual(['table "\u001b[2J\u202e\n"']);
  });
});
