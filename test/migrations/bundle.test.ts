import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../lib/migrations/build.ts';
import { canonical, digest, sha256 } from '../../lib/migrations/digest.ts';
import { parseBundle } from '../../lib/migrations/parse-bundle.ts';
import { loadParser } from '../../lib/migrations/scan.ts';
import { fixture, folderOf } from '../helpers/folder.ts';

beforeAll(loadParser);

describe('a bundle', () => {
  it('holds the migrations in order, with their checksums and modes', async () => {
    const { bundle: made, bytes } = await bundle(fixture('stepwise'));
    expect(made).toEqual({
      format: 1,
      migrations: [
        {
          id: '001',
          name: 'create_a',
          file: '001_create_a.sql',
          checksum: 'c2de7559380e5ebf65caa7d59e166558e80243cf7e70006cc98d1593d94203c1',
          mode: 'transactional',
          up: [
            {
              ...{ sql: 'CREATE TABLE a (id int)', line: 1, offset: 0, length: 23, kind: 'CreateStmt' },
              ...{ transactional: true, touches: ['a'] },
            },
          ],
          down: null,
          lint: { squawk: [{ rule: 'prefer-bigint-over-int', statement: 0, line: 1, column: 20 }] },
        },
        {
          id: '002',
          name: 'index_a',
          file: '002_index_a.up.sql',
          checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
          mode: 'stepwise',
          up: [
            {
              sql: 'CREATE INDEX CONCURRENTLY a_id ON a (id)',
              line: 1,
              offset: 0,
              length: 40,
              kind: 'IndexStmt',
              transactional: false,
              wire: 'CREATE INDEX CONCURRENTLY a_id ON a (id)',
              settles: { by: 'index present', schema: null, index: 'a_id' },
              touches: ['a'],
            },
          ],
          down: {
            file: '002_index_a.down.sql',
            checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
            mode: 'stepwise',
            statements: [expect.objectContaining({ kind: 'DropStmt', transactional: false })],
          },
        },
      ],
      lint: { version: 1 },
    });
    expect(Object.fromEntries(bytes)).toEqual({
      '001_create_a.sql': 25,
      '002_index_a.up.sql': 42,
      '002_index_a.down.sql': 30,
    });
  });

  it('has one digest wherever it is built', async () => {
    const files = { '1_a.sql': 'SELECT 1;', '10_b.sql': '', '9_c.up.sql': 'VACUUM', '9_c.down.sql': '-- größe' };
    const [one, other] = [await folderOf(files), await folderOf(Object.fromEntries(Object.entries(files).reverse()))];
    // Written out, so that a change of the format or of the parser can't go unnoticed.
    const expected = '3bae4bc17e6e4c4fd584223ae8fca4f91744b333ed6701d4d2d4d2b359890081';
    expect([(await bundle(one)).digest, (await bundle(other)).digest]).toEqual([expected, expected]);
  });

  it('has another digest when one byte of a file is another', async () => {
    const base = { '1_a.up.sql': 'SELECT 1; -- a', '1_a.down.sql': '-- b' };
    const digests = new Set<string>();
    for (const change of [{}, { '1_a.up.sql': 'SELECT 1; -- b' }, { '1_a.down.sql': '-- c' }]) {
      digests.add((await bundle(await folderOf({ ...base, ...change }))).digest);
    }
    expect(digests.size).toBe(3);
  });

  it('cannot be changed', async () => {
    const { bundle: made } = await bundle(fixture('stepwise'));
    expect(() => made.migrations.push(made.migrations[0]!)).toThrow(TypeError);
    expect(() => Object.assign(made.migrations[1]!.down!.statements[0]!, { sql: '' })).toThrow(TypeError);
  });

  it('is not made of a folder with problems', async () => {
    await expect(bundle(fixture('two-with-one-number'))).rejects.toMatchObject({
      name: 'MigrationsInvalid',
      details: { problems: [{ file: 'test/fixtures/two-with-one-number/1_create_b.sql' }] },
      message: expect.stringContaining('1_create_b.sql:1:1 001_create_a.sql and 1_create_b.sql both have the number 1'),
    });
  });
});

describe('canonical JSON', () => {
  it('sorts keys by code unit and has no blanks', () => {
    expect(canonical({ b: [1, { z: null, a: 'ä"' }], B: true, a: undefined, é: 0, '10': 1, '9': 2 })).toBe(
      '{"10":1,"9":2,"B":true,"b":[1,{"a":"ä\\"","z":null}],"é":0}',
    );
  });
});

describe('a stored bundle', () => {
  const stored = async () => {
    const { bundle: made, digest: name } = await bundle(fixture('stepwise'));
    return { made, name, text: canonical(made) };
  };
  const readAs = (text: string) => () => parseBundle(text, sha256(text));

  it('is read back the same, frozen', async () => {
    const { made, name, text } = await stored();
    const read = parseBundle(text, name);
    expect(read).toEqual(made);
    expect(digest(read)).toBe(name);
    expect(Object.isFrozen(read.migrations[0]!.up[0])).toBe(true);
  });

  it('is read back with groups, isolation, directives and what is executed instead', async () => {
    const folder = await folderOf({
      '1_a.sql': `-- lockstep: lock-timeout=5s, out-of-order
        SELECT 1; BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 2; SELECT 3 INTO a; COMMIT; VACUUM; SELECT 4`,
    });
    const { bundle: made, digest: name } = await bundle(folder);
    expect(parseBundle(canonical(made), name)).toEqual(made);
    expect(made.migrations[0]!.up.map(({ group, isolation, wire }) => [group, isolation, wire])).toEqual([
      [undefined, undefined, undefined],
      [1, 'serializable', undefined],
      [1, undefined, 'CREATE TABLE a AS SELECT 3 '],
      [2, undefined, 'VACUUM'],
      [3, undefined, undefined],
    ]);
  });

  it.each<[string, (text: string) => string]>([
    ['a gap between groups', (text) => text.replace('"group":2', '"group":4')],
    ['groups that descend', (text) => text.replace('"group":3', '"group":1')],
    ['a group that goes on behind VACUUM', (text) => text.replace('"group":3', '"group":2')],
    [
      'isolation in the midst of a group',
      (text) => text.replace(/("group":1),("kind":"SelectStmt","length":15)/, '$1,"isolation":"serializable",$2'),
    ],
    ['a mode that does not fit its groups', (text) => text.replace('"mode":"stepwise"', '"mode":"transactional"')],
  ])('is refused with %s', async (_, change) => {
    const sql = 'SELECT 1; BEGIN; SELECT 2; SELECT 3 INTO a; COMMIT; VACUUM; SELECT 4';
    const text = canonical((await bundle(await folderOf({ '1_a.sql': sql }))).bundle);
    expect(change(text)).not.toBe(text);
    expect(readAs(change(text))).toThrow(expect.objectContaining({ name: 'BundleUnreadable' }));
  });

  it('is refused with any byte changed', async () => {
    const { name, text } = await stored();
    const changed = text.replace('CREATE TABLE a', 'CREATE TABLE b');
    expect(() => parseBundle(changed, name)).toThrow(
      expect.objectContaining({ name: 'BundleTampered', details: { expected: name, found: sha256(changed) } }),
    );
  });

  it.each<[string, (text: string) => string]>([
    ['text that is no JSON', () => 'nothing'],
    ['another format', (text) => text.replace('"format":1', '"format":2')],
    ['an unknown field', (text) => text.replace('"format":1', '"extra":1,"format":1')],
    ['a missing field', (text) => text.replace('"down":null,', '')],
    ['no migrations', () => '{"format":1,"migrations":[]}'],
    ['a missing wire', (text) => text.replace(/,"wire":"CREATE[^"]*"/, '')],
    [
      'a wire for nothing',
      (text) => text.replace(/("sql":("CREATE TABLE[^"]*"),"touches":\["a"\],"transactional":true)/, '$1,"wire":$2'),
    ],
    [
      'an isolation outside of transactions',
      (text) => text.replace('"kind":"IndexStmt"', '"isolation":"serializable","kind":"IndexStmt"'),
    ],
    ['an unknown isolation', (text) => text.replace('"kind":"CreateStmt"', '"isolation":"chaos","kind":"CreateStmt"')],
    [
      'a group that is the first, but numbered',
      (text) => text.replace('"kind":"CreateStmt"', '"group":0,"kind":"CreateStmt"'),
    ],
    [
      'a group that does not begin at the first',
      (text) => text.replace('"kind":"IndexStmt"', '"group":1,"kind":"IndexStmt"'),
    ],
    ['no directives, but a place for them', (text) => text.replace('"down":null', '"directives":{},"down":null')],
    ['an unknown directive', (text) => text.replace('"down":null', '"directives":{"fast":true},"down":null')],
    ['a directive denied', (text) => text.replace('"down":null', '"directives":{"stepwise":false},"down":null')],
    ['a timeout of nothing', (text) => text.replace('"down":null', '"directives":{"lockTimeout":0},"down":null')],
    ['an order for a down', (text) => text.replace('"down":{', '"down":{"directives":{"outOfOrder":true},')],
    [
      'a settlement where there is a transaction',
      (text) => text.replace('"sql":"CREATE TABLE', '"settles":{"by":"repeating"},"sql":"CREATE TABLE'),
    ],
    ['a mode that does not fit', (text) => text.replace('"mode":"transactional"', '"mode":"stepwise"')],
    ['an id twice', (text) => text.replace('"id":"002"', '"id":"001"')],
    ['blanks', (text) => `${text} `],
  ])('is refused with %s', async (_, change) => {
    const { text } = await stored();
    expect(change(text)).not.toBe(text);
    expect(readAs(change(text))).toThrow(expect.objectContaining({ name: 'BundleUnreadable' }));
  });

  it('is read without the SQL parser, which is too large for a Lambda', async () => {
    const seen = new Set<string>();
    const follow = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = await readFile(`lib/${file}`, 'utf8');
      for (const [, from] of text.matchAll(/^import (?!type ).*?from '(.+?)';/gm)) {
        expect(from).not.toBe('libpg-query');
        if (from!.startsWith('.')) await follow(new URL(from!, `file:///${file}`).pathname.slice(1));
      }
    };
    await follow('migrations/parse-bundle.ts');
    expect([...seen].sort()).toEqual([
      'failure.ts',
      'migrations/digest.ts',
      'migrations/lint/policy.ts',
      'migrations/parse-bundle.ts',
    ]);
  });
});
