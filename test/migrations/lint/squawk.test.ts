import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { inspect } from '../../../lib/migrations/build.ts';
import { OWN, ruleNamed } from '../../../lib/migrations/lint/rules.ts';
import { SQUAWK } from '../../../lib/migrations/lint/squawk-rules.ts';
import { loadParser } from '../../../lib/migrations/scan.ts';
import { folderOf } from '../../helpers/folder.ts';

beforeAll(() => loadParser());

/** Squawk itself, without what Lockstep makes of it. */
const squawk = (options: string[], input: string) =>
  spawnSync('node_modules/.bin/squawk', ['--reporter', 'json', '--stdin-filepath', 'a.sql', ...options], {
    input,
    encoding: 'utf8',
  });

const found = async (files: Record<string, string>) => {
  const { migrations } = await inspect(await folderOf(files));
  return migrations.map(({ lint }) => lint);
};

describe('squawk', () => {
  it('has every rule that is listed here, and each is used or switched off with a reason', () => {
    // What it tells of itself as it reads can't be excluded.
    const names = Object.keys(SQUAWK).filter((name) => !['syntax-error', 'unused-ignore'].includes(name));
    const { stderr } = squawk(['--exclude', names.join()], 'SELECT 1;');
    expect(stderr).not.toContain('invalid');
    for (const [name, it] of Object.entries(SQUAWK)) {
      expect('off' in it ? it.off.length : it.why.length, name).toBeGreaterThan(10);
    }
  });

  it('finds what it finds in the statement where it stands, in characters', async () => {
    const sql = "-- é\n/* ü */ CREATE TABLE a (\n  b text DEFAULT 'ä', c varchar(10)\n);";
    expect(await found({ '1_a.sql': sql })).toEqual([
      { squawk: [{ rule: 'prefer-text-field', statement: 0, line: 3, column: 25 }] },
    ]);
  });

  it('reads only what brings a migration in, in files with both directions', async () => {
    const sql = '-- migrate:up\nSELECT 1;\n-- migrate:down\nCREATE TABLE a (b char(2));';
    expect(
      await found({ '1_a.sql': sql, '2_b.sql': 'SELECT 1', '2_b.down.sql': 'CREATE TABLE a (b char(2));' }),
    ).toEqual([undefined, undefined]);
  });

  it('takes nothing from settings that lie about', async () => {
    const files = { '1_a.sql': 'CREATE TABLE a (b char(2));', '.squawk.toml': 'excluded_rules = ["ban-char-field"]' };
    expect(await found(files)).toMatchObject([{ squawk: [{ rule: 'ban-char-field' }] }]);
  });

  it('is not asked of what lies before the number where linting begins', async () => {
    const files = {
      'lint.json': '{"since": "2"}',
      '1_a.sql': 'CREATE TABLE a (b char(2));',
      '2_b.sql': 'CREATE TABLE b (b char(2));',
    };
    expect(await found(files)).toEqual([
      undefined,
      { squawk: [{ rule: 'ban-char-field', statement: 0, line: 1, column: 19 }] },
    ]);
  });

  it('makes a bundle of many files in one go', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`${at + 1}_t.sql`, `CREATE TABLE t${at} (b char(2));`]),
    );
    expect((await found(files)).flatMap((it) => it?.squawk ?? [])).toHaveLength(300);
  });
});

/** Of each rule of squawk that one of Lockstep's own speaks for, what squawk finds. */
const spokenFor: Record<string, string> = {
  'adding-field-with-default': 'ALTER TABLE a ADD COLUMN b uuid DEFAULT gen_random_uuid();',
  'adding-foreign-key-constraint': 'ALTER TABLE a ADD CONSTRAINT x FOREIGN KEY (b) REFERENCES c (d);',
  'adding-not-nullable-field': 'ALTER TABLE a ALTER COLUMN b SET NOT NULL;',
  'adding-required-field': 'ALTER TABLE a ADD COLUMN b int NOT NULL;',
  'adding-serial-primary-key-field': 'ALTER TABLE a ADD COLUMN b serial PRIMARY KEY;',
  'ban-drop-column': 'ALTER TABLE a DROP COLUMN b;',
  'ban-drop-database': 'DROP DATABASE a;',
  'ban-drop-table': 'DROP TABLE a;',
  'ban-truncate-cascade': 'TRUNCATE a CASCADE;',
  'changing-column-type': 'ALTER TABLE a ALTER COLUMN b TYPE bigint;',
  'constraint-missing-not-valid': 'ALTER TABLE a ADD CONSTRAINT x CHECK (b > 0);',
  'disallowed-unique-constraint': 'ALTER TABLE a ADD CONSTRAINT x UNIQUE (b);',
  'prefer-robust-stmts': 'CREATE TABLE IF NOT EXISTS a (b text);',
  'renaming-column': 'ALTER TABLE a RENAME COLUMN b TO c;',
  'renaming-table': 'ALTER TABLE a RENAME TO b;',
  'require-concurrent-index-creation': 'CREATE INDEX i ON a (b);',
  'require-concurrent-index-deletion': 'DROP INDEX i;',
  'require-concurrent-partition-detach': 'ALTER TABLE a DETACH PARTITION b;',
  'require-concurrent-reindex': 'REINDEX INDEX i;',
};

test.each(Object.entries(spokenFor))('what squawk says by %s, a rule of our own says', async (name, sql) => {
  const { see } = SQUAWK[name] as { see: string };
  expect(OWN).toHaveProperty(see);
  expect(ruleNamed(name)).toBeUndefined();
  const [lint] = await found({ '1_a.sql': sql });
  expect(lint?.own?.map(({ rule }) => rule)).toContain(see);
  if (name === 'prefer-robust-stmts') return;
  const { stdout } = squawk(['--include', name], sql);
  expect(JSON.parse(stdout).map((it: { rule_name: string }) => it.rule_name)).toContain(name);
});

test('a rule of squawk that points to one of our own is shown to be spoken for', () => {
  const pointing = Object.entries(SQUAWK).flatMap(([name, it]) => ('see' in it && it.see ? [name] : []));
  expect(Object.keys(spokenFor).sort()).toEqual(pointing.sort());
});
