import { expect, it } from 'vitest';
import { inspect } from '../../../lib/migrations/build.ts';
import { judge } from '../../../lib/migrations/lint/judge.ts';
import { folderOf } from '../../helpers/folder.ts';

const linted = async (files: Record<string, string>, environment = {}) => {
  const { migrations, problems, policy } = await inspect(await folderOf(files));
  const findings = judge({ migrations, lint: { version: 1, ...(policy && { policy }) } }, environment);
  return {
    problems: problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
    findings: findings.map(
      ({ file, line, rule, severity, excepted }) =>
        `${file}:${line} ${rule}: ${excepted ? `${excepted.by}, ${excepted.reason}` : severity}`,
    ),
  };
};

const one = (sql: string) => linted({ '1_a.sql': sql });
const sound = (...findings: string[]) => ({ problems: [], findings });

it('a comment before a statement excepts that statement, and no other', async () => {
  expect(await one('-- lockstep allow drop-table: empty since March\nDROP TABLE a;\nDROP TABLE b;')).toEqual(
    sound('1_a.sql:2 drop-table: comment, empty since March', '1_a.sql:3 drop-table: warning'),
  );
});

it('a comment behind a statement in its line excepts that one', async () => {
  expect(await one('DROP TABLE a; -- lockstep allow drop-table: empty\nDROP TABLE b;')).toEqual(
    sound('1_a.sql:1 drop-table: comment, empty', '1_a.sql:2 drop-table: warning'),
  );
});

it('a comment inside of a statement excepts it, and one may name several rules', async () => {
  expect(await one('DROP TABLE a\n  -- lockstep allow drop-table, drop-cascade: both: gone\n  CASCADE;')).toEqual(
    sound('1_a.sql:1 drop-cascade: comment, both: gone', '1_a.sql:1 drop-table: comment, both: gone'),
  );
});

it('an exception that nothing asks for is told of', async () => {
  expect(await one('-- lockstep allow rename: why not\nSELECT 1;')).toEqual(
    sound('1_a.sql:1 unused-exception: warning'),
  );
});

it.each([
  ['without a reason', '-- lockstep allow drop-table\nDROP TABLE a;', '1:1 an exception needs a reason'],
  ['with an empty reason', '-- lockstep allow drop-table:  \nDROP TABLE a;', '1:1 an exception needs a reason'],
  ['from no rule', '-- lockstep allow drop-tabel: x\nDROP TABLE a;', '1:1 there is no rule drop-tabel'],
  [
    'in a block comment',
    '/* lockstep allow drop-table: x */ DROP TABLE a;',
    '1:1 this is not how an exception is written',
  ],
  [
    'behind the last statement',
    'DROP TABLE a;\n-- lockstep allow drop-table: x',
    '2:1 no statement stands behind this',
  ],
])('an exception %s is a problem', async (_, sql, problem) => {
  const { problems, findings } = await one(sql);
  expect(problems).toEqual([problem]);
  expect(findings).toEqual([expect.stringMatching(/drop-table: warning$/)]);
});

it('one written as a directive is a problem that tells how it is written', async () => {
  const { problems } = await one('-- lockstep: allow drop-table\nDROP TABLE a;');
  expect(problems).toContain('1:1 this is not how an exception is written');
});

it('squawk-ignore excepts nothing, since it gives no reason', async () => {
  expect(await one('-- squawk-ignore ban-char-field\nCREATE TABLE a (b char(2));')).toEqual(
    sound('1_a.sql:2 ban-char-field: info'),
  );
});

it('a file with both directions has exceptions in both', async () => {
  const sql =
    '-- migrate:up\n-- lockstep allow drop-table: up\nDROP TABLE a;\n-- migrate:down\n-- lockstep allow grant-to-public: down\nGRANT SELECT ON b TO PUBLIC;\n';
  expect(await one(sql)).toEqual(
    sound('1_a.sql:3 drop-table: comment, up', '1_a.sql:6 grant-to-public: comment, down'),
  );
});

it('lint.json says how grave a rule is, what is excepted, and from where on', async () => {
  const policy = {
    rules: { 'drop-table': 'error', rename: 'off', 'missing-down': 'info' },
    exceptions: [{ rule: 'drop-table', migration: '3', reason: 'seen by the DBA' }],
    since: '2',
  };
  const files = {
    'lint.json': JSON.stringify(policy),
    '1_a.sql': 'DROP TABLE a;',
    '2_b.sql': 'DROP TABLE b; ALTER TABLE c RENAME TO d;',
    '2_b.down.sql': 'SELECT 1;',
    '3_c.sql': 'DROP TABLE e;',
  };
  expect(await linted(files)).toEqual(
    sound(
      '2_b.sql:1 drop-table: error',
      '3_c.sql:1 drop-table: lint.json, seen by the DBA',
      '3_c.sql:1 missing-down: info',
    ),
  );
});

it('an environment has the last word, and may take exceptions from files away', async () => {
  const files = {
    'lint.json': JSON.stringify({ rules: { 'drop-table': 'off' } }),
    '1_a.sql': '-- lockstep allow drop-table: trust me\nDROP TABLE a;',
    '2_b.sql': 'DROP TABLE b;',
  };
  const exceptions = [{ rule: 'drop-table', migration: '2', reason: 'agreed' }];
  expect(await linted(files, { rules: { 'drop-table': 'error' }, strict: ['drop-table'], exceptions })).toEqual(
    sound('1_a.sql:2 drop-table: error', '2_b.sql:1 drop-table: environment, agreed'),
  );
});

it('what an environment is strict in, or gives a weight to, the folder neither softens nor begins later', async () => {
  const files = {
    'lint.json': JSON.stringify({ rules: { 'drop-table': 'off', rename: 'off', 'missing-down': 'off' }, since: '2' }),
    '1_a.sql': 'DROP TABLE a; ALTER TABLE b RENAME TO c; GRANT SELECT ON d TO PUBLIC;',
    '2_b.sql': 'DROP TABLE e; ALTER TABLE f RENAME TO g;',
  };
  expect(await linted(files)).toEqual(sound());
  expect(await linted(files, { strict: ['drop-table'] })).toEqual(
    sound('1_a.sql:1 drop-table: warning', '2_b.sql:1 drop-table: warning'),
  );
  expect(await linted(files, { rules: { rename: 'error' } })).toEqual(
    sound('1_a.sql:1 rename: error', '2_b.sql:1 rename: error'),
  );
  expect(await linted(files, { rules: { rename: 'off' }, strict: ['rename'] })).toEqual(sound());
});

it.each([
  ['no JSON', '{', /^1:1 is not JSON: /],
  ['no rule', '{"rules": {"nonsense": "error"}}', /^1:1 there is no rule nonsense; there are /],
  ['a rule of squawk that is not used', '{"rules": {"ban-drop-table": "off"}}', /own drop-table says it/],
  ['no severity', '{"rules": {"rename": "fatal"}}', /rules\.rename/],
  ['no reason', '{"exceptions": [{"rule": "rename", "migration": "1", "reason": " "}]}', /needs a reason/],
  ['what is for environments', '{"strict": ["rename"]}', /only an environment can be strict/],
  ['a migration that is not there', '{"since": "7"}', /there is no migration 7/],
])('a lint.json with %s is a problem', async (_, text, message) => {
  const { problems } = await linted({ 'lint.json': text, '1_a.sql': 'SELECT 1;' });
  expect(problems).toEqual([expect.stringMatching(message)]);
});
