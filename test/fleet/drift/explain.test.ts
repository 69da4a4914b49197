import { describe, expect, it } from 'vitest';
import type { ReadSchema, SchemaObject } from '../../../lib/database/objects.ts';
import { explain } from '../../../lib/fleet/drift/explain.ts';
import type { Bare } from '../../../lib/fleet/drift/findings.ts';
import { findingInWords, findingsInWords } from '../../../lib/fleet/drift/in-words.ts';

const schema = (...things: string[]): SchemaObject[] =>
  things.map((it) => {
    const [object = '', text = ''] = it.split('=');
    return { object, parent: null, hash: text, text };
  });

const usual = schema('table t', 'index i=CREATE INDEX i', 'view v=SELECT 1');
const finding = (more: Partial<Bare> = {}): Bare => ({
  ...{ kind: 'changed', expected: 'usual', found: 'odd', run: 'run-1', like: 'b/y', level: 'L', why: null },
  databases: [{ database: 'a/x', after: '2026-01-05T09:00:00.000Z', seen: '2026-01-06T12:00:00.000Z' }],
  ...more,
});

/** As a database has it by the time that it is read. */
const now = (fingerprint: string, objects: SchemaObject[]): ReadSchema => ({ fingerprint, objects });

type Schemas = Record<string, SchemaObject[] | Error>;
type There = Record<string, ReadSchema | Error>;

/** What is found, and what was read for it, where schemas were kept by fingerprint, or stand in databases. */
const explained = async (
  bare: Bare[],
  { kept = {}, there = {}, histories = {} }: { kept?: Schemas; there?: There; histories?: Record<string, string[]> },
) => {
  const read: string[] = [];
  const answer = <Value>(value: Value | Error | undefined): Value => {
    if (value instanceof Error) throw value;
    if (value === undefined) throw new Error('this test did not expect that');
    return value;
  };
  const it = await explain(bare, {
    kept: async (fingerprint) => answer(kept[fingerprint] ?? (null as unknown as SchemaObject[])),
    schema: async (database) => {
      read.push(database);
      return answer(there[database]);
    },
    migrations: async (database) => {
      read.push(database);
      return answer(histories[database]);
    },
  });
  return { ...it, read };
};

describe('a change', () => {
  const odd = schema('table t', 'view v=SELECT 2', 'column t.c=integer');

  it('is told object by object with the definitions, from what was kept and one call', async () => {
    const it = await explained([finding()], { kept: { usual }, there: { 'a/x': now('odd', odd) } });
    expect(it.findings[0]).toMatchObject({
      count: 3,
      objects: [
        { object: 'index i', is: 'missing', expected: 'CREATE INDEX i', found: null },
        { object: 'column t.c', is: 'not expected', expected: null, found: 'integer' },
        { object: 'view v', is: 'different', expected: 'SELECT 1', found: 'SELECT 2' },
      ],
    });
    expect(it.read).toEqual(['a/x']);
    expect([...it.schemas.keys()]).toEqual(['usual', 'odd']);
    expect(findingInWords(it.findings[0]!)).toBe(
      '1 database (a/x) was changed, though no migration has run (between 2026-01-05 09:00 UTC and 2026-01-06 12:00 UTC): ' +
        'lacks index i, and has column t.c besides, and has another definition of view v',
    );
  });

  it('is held against a database that is as expected where nobody has kept that', async () => {
    const it = await explained([finding()], { there: { 'a/x': now('odd', odd), 'b/y': now('usual', usual) } });
    expect(it.read).toEqual(['b/y', 'a/x']);
    expect(it.findings[0]).toMatchObject({ count: 3, why: null });
  });

  it('is known, though not in what it is, where nobody has it as expected and nobody has kept that', async () => {
    const it = await explained([finding({ like: null })], {});
    expect(it.findings[0]).toMatchObject({
      objects: null,
      count: 0,
      why: expect.stringMatching(/nobody has kept how that was/),
    });
    expect(it.read).toEqual([]);
    expect(findingInWords(it.findings[0]!)).toMatch(/: no database has it as expected any more/);
  });

  it('is known where the database can not be read any more', async () => {
    const it = await explained([finding()], { kept: { usual }, there: { 'a/x': new Error('no login') } });
    expect(it.findings[0]).toMatchObject({ objects: null, why: 'no login' });
  });

  it('may be undone by the time that one looks', async () => {
    const it = await explained([finding()], { kept: { usual }, there: { 'a/x': now('usual', usual) } });
    expect(findingInWords(it.findings[0]!)).toMatch(/: it is as expected by now$/);
  });

  it('is not explained by what a database has become since it was looked at', async () => {
    const later = { 'a/x': now('later', schema('table t', 'table later')) };
    const it = await explained([finding()], { kept: { usual }, there: later });
    expect(it.findings[0]).toMatchObject({ objects: null, why: 'a/x has changed since it was looked at' });
    expect([...it.schemas.keys()]).toEqual(['usual', 'later']);
  });

  it('is not held against what the usual one has become', async () => {
    const it = await explained([finding()], { there: { 'a/x': now('odd', odd), 'b/y': now('odd', odd) } });
    expect(it.findings[0]).toMatchObject({ objects: null, why: 'b/y has changed since it was looked at' });
    expect(it.schemas.has('usual')).toBe(false);
  });

  it('of another database to the same schema costs nothing more', async () => {
    const other = finding({
      expected: 'before',
      databases: [{ database: 'c/z', after: null, seen: '2026-01-06T12:00:00.000Z' }],
    });
    const it = await explained([finding(), other], { kept: { usual, before: [] }, there: { 'a/x': now('odd', odd) } });
    expect(it.read).toEqual(['a/x']);
    expect(it.findings[1]).toMatchObject({ count: 3 });
    expect(findingInWords(it.findings[1]!)).toContain('(seen since 2026-01-06 12:00 UTC)');
  });
});

describe('migrations that others have', () => {
  const behind = finding({ kind: 'migrations', expected: null, found: null, like: 'b/y' });

  it.each([
    [['1'], ['1', '2', '3'], 'lacks migrations 2, 3'],
    [['1', '9'], ['1', '2'], 'lacks migration 2, and has migration 9 besides'],
    [['1', '2'], ['1', '2'], 'has other contents of the same migrations'],
    [
      ['1'],
      Array.from({ length: 13 }, (_, n) => `${n + 1}`),
      'lacks migrations 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more',
    ],
  ])('are named: %s of %s', async (own, others, why) => {
    const it = await explained([behind], { histories: { 'a/x': own, 'b/y': others } });
    expect(it.findings[0]).toMatchObject({ why, objects: null });
    expect(findingInWords(it.findings[0]!)).toMatch(
      new RegExp(`^1 database \\(a/x\\) has not the migrations of the others \\(.*\\): ${why}$`),
    );
  });
});

describe('of very many findings', () => {
  const many = Array.from({ length: 60 }, (_, n) =>
    finding({ found: `f${n}`, databases: [{ database: `c${n}/x`, after: null, seen: '2026-01-06T12:00:00.000Z' }] }),
  );

  it('the first are looked into, and all are told', async () => {
    const there = Object.fromEntries(
      many.map(({ found, databases: [one] }) => [one!.database, now(found!, schema(`table ${one!.database}`))]),
    );
    const it = await explained(many, { kept: { usual }, there });
    expect([it.findings.length, it.read.length]).toEqual([60, 20]);
    expect(it.findings.at(-1)).toMatchObject({ objects: null, why: expect.stringMatching(/not looked into/) });
    const words = findingsInWords(it.findings);
    expect([words.length, words.at(-1)]).toEqual([11, 'and 50 more findings']);
  });

  it('changes come before what is only behind or can not be read', async () => {
    const kinds = (['unreadable', 'migrations', 'different', 'changed'] as const).map((kind) => finding({ kind }));
    const it = await explained(kinds, { kept: { usual, odd: usual }, histories: { 'a/x': [], 'b/y': [] } });
    expect(it.findings.map(({ kind }) => kind)).toEqual(['changed', 'different', 'migrations', 'unreadable']);
  });

  it('a hundred objects of each are kept, and a long definition in part', async () => {
    const things = Array.from({ length: 500 }, (_, n) => `table t${n}=${'x'.repeat(10_000)}`);
    const it = await explained([finding()], { kept: { usual: [] }, there: { 'a/x': now('odd', schema(...things)) } });
    expect(it.findings[0]?.count).toBe(500);
    expect(it.findings[0]?.objects).toHaveLength(100);
    expect(JSON.stringify(it.findings).length).toBeLessThan(500_000);
    expect(findingInWords(it.findings[0]!)).toContain('and 400 objects more');
  });
});
