import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../lib/migrations/build.ts';
import { fixture, folderOf } from '../helpers/folder.ts';

const problemsIn = async (folder: string) => {
  const { problems } = await inspect(folder);
  return problems.map(({ file, message }) => `${file.slice(folder.length + 1) || '.'} ${message}`);
};
const idsIn = async (situation: string) => {
  const { migrations, problems } = await inspect(fixture(situation));
  expect(problems).toEqual([]);
  return migrations.map(({ id, down }) => (down ? `${id} with down` : id));
};

describe('a folder of migrations', () => {
  it('takes sequential numbers of any width, and ignores what is no migration', async () => {
    expect(await idsIn('sequential')).toEqual(['001', '9', '10']);
  });

  it('takes timestamps', async () => {
    expect(await idsIn('timestamp')).toEqual(['20260115115959', '20260115120000 with down']);
  });

  it('takes dates with numbers', async () => {
    expect(await idsIn('hybrid')).toEqual(['2025_12_31_010', '2026_01_15_001', '2026_01_15_002']);
  });

  it("takes Flyway's names", async () => {
    expect(await idsIn('flyway')).toEqual(['1_9 with down', '1.10', '2']);
  });

  it('refuses two with one number', async () => {
    const { problems } = await inspect(fixture('two-with-one-number'));
    expect(problems).toEqual([
      {
        file: 'test/fixtures/two-with-one-number/1_create_b.sql',
        line: 1,
        column: 1,
        message: '001_create_a.sql and 1_create_b.sql both have the number 1',
        remedy: 'give each migration a number of its own: 003 is free',
      },
    ]);
  });

  it('refuses 1 and 1.0, which Flyway takes for one', async () => {
    const folder = await folderOf({ 'V1__a.sql': '', 'V1.0__b.sql': '', 'V1.1__c.sql': '' });
    expect(await problemsIn(folder)).toEqual(['V1__a.sql V1.0__b.sql and V1__a.sql both have the number 1']);
  });

  it('refuses x.sql beside x.up.sql', async () => {
    const folder = await folderOf({ '1_x.sql': '', '1_x.up.sql': '' });
    expect(await problemsIn(folder)).toEqual(['1_x.up.sql 1_x.sql and 1_x.up.sql both have the number 1']);
  });

  it('refuses names it cannot read, each with what to do', async () => {
    const { problems } = await inspect(fixture('unreadable-names'));
    const told = problems.map(({ file, remedy }) => [file.split('/').at(-1), remedy!.split(/[:,]/)[0]]);
    expect(told).toEqual([
      ['001-create-b.sql', 'name it like 001_add_email.sql'],
      ['002_create_c.dwn.sql', 'name it like 001_add_email.sql'],
      ['003_create_d.SQL', 'end it in .sql'],
      ['R__views.sql', "Flyway's repeatable migrations are not supported"],
      ['V4_x.sql', 'write V or U'],
      ['create_a.sql', 'name it like 001_add_email.sql'],
    ]);
  });

  it('refuses a mixture of schemes', async () => {
    expect(await problemsIn(fixture('mixed-schemes'))).toEqual([
      '20260115120000_create_c.sql the folder mixes numbering schemes: sequential (001_create_a.sql, 002_create_b.sql) and timestamp (20260115120000_create_c.sql)',
    ]);
  });

  it('refuses to be empty, and says what to do about what is there instead', async () => {
    const { problems } = await inspect(fixture('empty-folder'));
    expect(problems).toMatchObject([
      {
        message: 'is empty: it holds no migrations',
        remedy: 'add a first one, like 001_create_customers.sql, or name the folder that holds them',
      },
    ]);
    expect(await problemsIn(await folderOf({ 'README.md': '' }))).toEqual(['. holds no migrations']);
    const foreign = await inspect(await folderOf({ 'README.md': '', '1_a.js': '' }));
    expect(foreign.problems).toMatchObject([
      { message: 'holds no migrations in SQL, but 1_a.js', remedy: expect.stringContaining('.js files') },
    ]);
  });

  it('refuses numbers that look like dates and are none', async () => {
    const folder = await folderOf({
      '20260229120000_a.sql': '',
      '20261315120000_b.sql': '',
      '20240229995999_c.sql': '',
    });
    expect(await problemsIn(folder)).toEqual([
      '20260229120000_a.sql has a number that is no date: February 2026 has no day 29',
      '20261315120000_b.sql has a number that is no date: there is no month 13',
    ]);
    const hybrid = await inspect(await folderOf({ '2026_04_31_001_a.sql': '' }));
    expect(hybrid.problems).toMatchObject([
      { message: 'has a number that is no date: April 2026 has no day 31', remedy: 'mend it: YYYY_MM_DD_NNN' },
    ]);
  });

  it('refuses to be missing, or a file', async () => {
    await expect(inspect('test/fixtures/nowhere')).rejects.toMatchObject({ name: 'FolderNotFound' });
    await expect(inspect('package.json')).rejects.toMatchObject({
      name: 'FolderNotFound',
      details: { folder: 'package.json', reason: 'it is a file' },
    });
  });

  it('refuses a down without an up', async () => {
    expect(await problemsIn(fixture('down-without-up'))).toEqual([
      '002_create_b.down.sql takes back number 002, but no file brings it in',
    ]);
  });

  it('refuses a pair that agrees in number but not in name', async () => {
    expect(await problemsIn(fixture('names-apart'))).toEqual([
      '001_create_b.down.sql has the number of 001_create_a.up.sql but another name',
    ]);
  });

  it('refuses folders in it, except verify', async () => {
    expect(await problemsIn(fixture('sub-folder'))).toEqual(['later is a folder']);
  });

  it('refuses what is not UTF-8 text, at the byte', async () => {
    const { problems } = await inspect(fixture('not-utf8'));
    expect(problems.map(({ line, column, message }) => [line, column, message])).toEqual([
      [2, 7, "is not UTF-8: byte 0xe9 can't stand here"],
      [1, 1, "is not UTF-8: byte 0xff can't stand here"],
      [2, 1, 'holds a NUL character, which PostgreSQL has no text for'],
    ]);
    expect(problems[1]!.remedy).toContain('UTF-16');
  });

  it('refuses a file that cannot be read', async () => {
    const folder = await folderOf({ '1_a.sql': 'SELECT 1;' });
    await symlink(join(folder, 'gone'), join(folder, '2_b.sql'));
    expect(await problemsIn(folder)).toEqual(["2_b.sql can't be read (ENOENT)"]);
  });

  it('tells all problems at once, in the order of files and lines', async () => {
    const folder = await folderOf({
      '1_a.sql': 'SELECT 1;\nCOMMIT;\nVACUUM; SAVEPOINT x',
      '2_b.sql': 'SELEKT;',
      'x.sql': '',
      '2_c.sql': 'DROP SCHEMA lockstep;',
    });
    expect(await problemsIn(folder)).toEqual([
      '1_a.sql COMMIT stands without BEGIN',
      "1_a.sql SAVEPOINT x can't stand in a migration",
      '2_b.sql syntax error at or near "SELEKT"',
      '2_c.sql 2_b.sql and 2_c.sql both have the number 2',
      "2_c.sql the schema lockstep is Lockstep's own: migrations can't touch it",
      "x.sql has a name that can't be read",
    ]);
  });
});
