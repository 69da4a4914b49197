import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Files, match } from '../../../lib/database/baseline/match.ts';
import type { Row } from '../../../lib/database/baseline/tool.ts';
import { type ToolName, tools } from '../../../lib/database/baseline/tools.ts';
import { bundle } from '../../../lib/migrations/build.ts';
import { folderOf } from '../../helpers/folder.ts';

const filesOf = async (files: Record<string, string>): Promise<Files> => {
  const folder = await folderOf(files);
  const { migrations } = (await bundle(folder)).bundle;
  const contents = await Promise.all(
    migrations.map(async ({ file }) => [file, await readFile(join(folder, file))] as const),
  );
  return { migrations, contents: new Map(contents) };
};

/** Files of these names, with something in each. */
const named = (...names: string[]) => filesOf(Object.fromEntries(names.map((name) => [name, `SELECT '${name}';`])));

const adopting = (tool: ToolName, rows: Row[], files: Files, byHand: Parameters<typeof match>[3] = {}) =>
  match(tools[tool], tools[tool].read(rows), files, byHand);

describe('flyway', () => {
  const row = (installed_rank: number, version: string | null, script: string, more: Row = {}): Row => ({
    ...{ installed_rank, version, script, description: script.replace(/^.*__|\.sql$/g, '').replaceAll('_', ' ') },
    ...{ type: 'SQL', checksum: null, success: true, ...more },
  });

  test('finds versions whatever their dots and zeros, without the row of the schema it made', async () => {
    const files = await named('V1__users.sql', 'V1.2__orders.sql', 'V2__items.sql');
    const rows = [
      row(0, null, '"public"', { type: 'SCHEMA' }),
      row(1, '1', 'V1__users.sql'),
      row(2, '1.2', 'sub/V1_2__orders.sql'),
    ];
    expect(adopting('flyway', rows, files)).toEqual({
      applied: 2,
      pairs: [
        { theirs: 'V1__users.sql', ours: '1' },
        { theirs: 'sub/V1_2__orders.sql', ours: '1.2' },
      ],
      problems: [],
    });
  });

  // CRC-32 of "CREATE TABLE t (id int);SELECT 1;" as a signed number, worked out by Python's zlib.
  test.each(['\n', '\r\n'])('knows its own file by the checksum over the lines, ended by %j', async (end) => {
    const files = await filesOf({ 'V1__t.sql': `\uFEFFCREATE TABLE t (id int);${end}SELECT 1;${end}` });
    expect(adopting('flyway', [row(1, '1', 'V1__t.sql', { checksum: CRC })], files).problems).toEqual([]);
    const [problem] = adopting('flyway', [row(1, '1', 'V1__t.sql', { checksum: 7 })], files).problems;
    expect(problem).toMatch(/^V1__t\.sql was edited since Flyway applied it/);
  });

  test('refuses failed migrations and says what to do', async () => {
    const files = await named('V1__a.sql', 'V2__b.sql');
    const rows = [row(1, '1', 'V1__a.sql'), row(2, '2', 'V2__b.sql', { success: false })];
    expect(adopting('flyway', rows, files).problems).toEqual([
      'V2__b.sql failed: mend it and run `flyway repair`, then `flyway migrate`',
    ]);
  });

  test('counts what is below its own baseline, and not what was undone or deleted', async () => {
    const files = await named('V1__a.sql', 'V2__b.sql', 'V3__c.sql', 'V4__d.sql');
    const rows = [
      row(1, '2', '<< Flyway Baseline >>', { type: 'BASELINE' }),
      row(2, '3', 'V3__c.sql'),
      row(3, '4', 'V4__d.sql'),
      row(4, '4', 'U4__d.sql', { type: 'UNDO_SQL' }),
    ];
    expect(adopting('flyway', rows, files)).toMatchObject({ applied: 3, problems: [] });
  });

  test('refuses repeatable migrations until a map says what they are', async () => {
    const files = await named('V1__a.sql', 'V2__views.sql');
    const rows = [row(1, '1', 'V1__a.sql'), row(2, null, 'R__views.sql')];
    expect(adopting('flyway', rows, files).problems).toEqual([
      expect.stringMatching(/^lists R__views\.sql, and there is no file R__views\.sql/),
    ]);
    expect(adopting('flyway', rows, files, { map: { 'R__views.sql': '2' } })).toMatchObject({
      applied: 2,
      problems: [],
    });
  });
});

describe('liquibase', () => {
  const row = (id: string, filename: string, exectype = 'EXECUTED'): Row => ({
    ...{ id, author: 'ada', filename, orderexecuted: 1, exectype },
  });
  const sql =
    '--liquibase formatted sql\n\n--changeset ada:1\nSELECT 1;\n--changeset ada:2 runOnChange:true\nSELECT 2;\n';

  test('finds the files of formatted SQL, once all change sets in them are applied', async () => {
    const files = await filesOf({ '001_a.sql': sql, '002_b.sql': 'SELECT 2;' });
    const both = [row('1', 'db/changelog/001_a.sql'), row('2', 'db/changelog/001_a.sql', 'RERAN')];
    expect(adopting('liquibase', both, files)).toMatchObject({ applied: 1, problems: [] });
    expect(adopting('liquibase', both.slice(0, 1), files).problems).toEqual([
      '001_a.sql is applied in part: Liquibase does not list its change sets 2::ada. Run `liquibase update`',
    ]);
  });

  test('takes a map for change sets that have no file of SQL, and holds it against what is half applied', async () => {
    const files = await named('1_a.sql', '2_b.sql');
    const map = { 'x.xml::1::ada': '1', 'x.xml::2::ada': '2', 'x.xml::3::ada': '2', 'old/*': null };
    const rows = [row('1', 'x.xml'), row('2', 'x.xml'), row('9', 'old/y.xml')];
    expect(adopting('liquibase', [...rows, row('3', 'x.xml')], files, { map })).toMatchObject({
      applied: 2,
      problems: [],
    });
    expect(adopting('liquibase', rows, files, { map }).problems).toEqual([
      'has applied only a part of 2: x.xml::3::ada is missing',
    ]);
    expect(adopting('liquibase', rows, files).problems[0]).toMatch(
      /^lists x\.xml::1::ada, and there is no file x\.xml:/,
    );
  });

  test('does not count what was skipped', async () => {
    const files = await named('001_a.sql');
    expect(adopting('liquibase', [row('1', '001_a.sql', 'SKIPPED')], files)).toMatchObject({
      applied: 0,
      problems: [],
    });
  });
});

describe('golang-migrate', () => {
  test('takes the one version it keeps for all up to it', async () => {
    const files = await named('000001_a.up.sql', '000002_b.up.sql', '000003_c.up.sql');
    expect(adopting('golang-migrate', [{ version: 2, dirty: false }], files)).toMatchObject({
      applied: 2,
      problems: [],
    });
    expect(adopting('golang-migrate', [], files)).toMatchObject({ applied: 0, problems: [] });
  });

  test('refuses a dirty version and one that no file has', async () => {
    const files = await named('000001_a.up.sql');
    expect(adopting('golang-migrate', [{ version: 1, dirty: true }], files).problems[0]).toMatch(
      /^version 1 is dirty: .* `migrate force`/,
    );
    expect(adopting('golang-migrate', [{ version: 7, dirty: false }], files).problems[0]).toMatch(
      /^lists 7, and no file has the number 7/,
    );
  });
});

describe.each(['dbmate', 'rails'] as const)('%s', (tool) => {
  const versions = (...of: string[]) => of.map((version) => ({ version }));

  test('finds versions by the digits that a file begins with', async () => {
    const files = await named('20240101000000_users.sql', '20240102000000_orders.sql');
    expect(adopting(tool, versions('20240101000000'), files)).toMatchObject({ applied: 1, problems: [] });
  });

  test('refuses a gap, which it allows and we do not', async () => {
    const files = await named('20240101000000_users.sql', '20240102000000_orders.sql');
    expect(adopting(tool, versions('20240102000000'), files).problems).toEqual([
      'does not list 20240101000000_users.sql, but 20240102000000_orders.sql, which comes after it: apply it with that tool first, or give it a higher number',
    ]);
  });
});

test('takes a file that holds its way back as well: only its way up is run', async () => {
  const both = await filesOf({ '1_a.sql': '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;' });
  expect(adopting('dbmate', [{ version: '1' }], both)).toMatchObject({ applied: 1, problems: [] });
  const markers = await filesOf({ '1_a.sql': '-- Up Migration\nSELECT 1;\n-- Down Migration\nSELECT 2;' });
  expect(adopting('node-pg-migrate', [{ name: '1_a' }], markers)).toMatchObject({ applied: 1, problems: [] });
});

describe('node-pg-migrate and knex', () => {
  test('are matched by number and name, whatever joins the words', async () => {
    const files = await named('1700000000000_create_users.sql', '1700000000001_add_email.sql');
    const pg = [{ name: '1700000000000_create-users' }, { name: '1700000000001_add-email' }];
    expect(adopting('node-pg-migrate', pg, files)).toMatchObject({ applied: 2, problems: [] });
    const knex = [{ name: '1700000000000_create_users.js' }, { name: '1700000000001_add_email.ts' }];
    expect(adopting('knex', knex, files)).toMatchObject({ applied: 2, problems: [] });
  });

  test('are refused where a number has another name', async () => {
    const files = await named('1_create_users.sql');
    expect(adopting('knex', [{ name: '1_create_orders.js' }], files).problems[0]).toMatch(
      /^lists 1_create_orders\.js, and the file with its number has another name, 1_create_users\.sql/,
    );
  });
});

describe('prisma', () => {
  const row = (migration_name: string, more: Row = {}): Row => ({
    ...{ migration_name, checksum: '', finished_at: '2026-01-01T00:00:00Z', rolled_back_at: null, ...more },
  });

  test('finds folders by name and their migration.sql by its hash, and passes over attempts rolled back', async () => {
    const files = await filesOf({ '20240101000000_init.sql': 'SELECT 1;\n', '20240102000000_more.sql': 'SELECT 2;' });
    const rows = [
      row('20240101000000_init', { finished_at: null, rolled_back_at: '2026-01-01T00:00:00Z' }),
      row('20240101000000_init', { checksum: '0e3a2ed06e57f41f5042d7e8da47bd5f3e4e9dc0b5bc7e6eefa07f0d7dfcd2f3' }),
    ];
    const [problem] = adopting('prisma', rows, files).problems;
    expect(problem).toMatch(/^20240101000000_init\.sql is not byte for byte the migration\.sql/);
    rows[1]!.checksum = SHA;
    expect(adopting('prisma', rows, files)).toMatchObject({ applied: 1, problems: [] });
  });

  test('refuses an attempt that neither finished nor was rolled back', async () => {
    const files = await named('20240101000000_init.sql');
    expect(adopting('prisma', [row('20240101000000_init', { finished_at: null })], files).problems).toEqual([
      '20240101000000_init failed: put it in order with `prisma migrate resolve`',
    ]);
  });
});

describe('alembic', () => {
  const map = { ae10: '1', '1975': '2', '27c6': '2', f00d: '3' };

  test('takes a map of its revisions, and its head for all before it', async () => {
    const files = await named('1_a.sql', '2_b.sql', '3_c.sql');
    expect(adopting('alembic', [{ version_num: '27c6' }], files, { map })).toMatchObject({ applied: 2, problems: [] });
    expect(adopting('alembic', [{ version_num: '27c6' }], files).problems[0]).toMatch(
      /^lists 27c6, which no file can be told by/,
    );
  });

  test('takes a number up to which all is there', async () => {
    const files = await named('1_a.sql', '2_b.sql', '3_c.sql');
    expect(adopting('alembic', [{ version_num: '27c6' }], files, { upto: '2' })).toMatchObject({
      applied: 2,
      problems: [],
    });
    expect(adopting('alembic', [{ version_num: '27c6' }], files, { upto: '9' }).problems).toEqual([
      'is said to have 9, and no file has that number',
    ]);
    expect(adopting('alembic', [], files, { upto: '2' }).problems).toEqual([
      'lists nothing, so that nothing up to 2 can be there',
    ]);
  });

  test('refuses several heads', async () => {
    const files = await named('1_a.sql');
    expect(adopting('alembic', [{ version_num: 'a' }, { version_num: 'b' }], files, { upto: '1' }).problems).toEqual([
      'has several heads, a, b: bring them together with `alembic merge`',
    ]);
  });
});

test('django is mapped app by app, patterns included', async () => {
  const files = await named('1_a.sql', '2_b.sql');
  const rows = [
    { app: 'contenttypes', name: '0001_initial' },
    { app: 'auth', name: '0001_initial' },
    { app: 'shop', name: '0001_initial' },
  ];
  const map = { 'contenttypes.*': null, 'auth.*': null, 'shop.0001_initial': '1' };
  expect(adopting('django', rows, files, { map })).toEqual({
    applied: 1,
    pairs: [
      { theirs: 'contenttypes.0001_initial', ours: null },
      { theirs: 'auth.0001_initial', ours: null },
      { theirs: 'shop.0001_initial', ours: '1' },
    ],
    problems: [],
  });
});

const CRC = -1645056791;
const SHA = 'b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd';
