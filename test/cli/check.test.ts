import { describe, expect, it } from 'vitest';
import { fixture, folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

describe('lockstep check', () => {
  it('counts what it found in order', async () => {
    expect(await lockstep('check', fixture('stepwise'))).toEqual({
      exitCode: 0,
      stdout: '2 migrations, 3 statements, no problems (--all shows 1 more finding)\n',
      stderr: '',
    });
  });

  it('checks the folder migrations unless told otherwise', async () => {
    expect((await lockstep('check')).stdout).toMatch(
      /^15 migrations, \d+ statements, no problems, 3 warnings \(.*\)$/m,
    );
  });

  it('shows each problem with its line and a caret, and exits with 1', async () => {
    expect(await lockstep('check', fixture('syntax-errors'))).toEqual({
      exitCode: 1,
      stderr: '',
      stdout: [
        'test/fixtures/syntax-errors/002_create_b.sql:3:23 syntax error at or near "FROM"',
        "  \tSELECT '表', fro FROM FROM a;",
        `  \t${' '.repeat(22)}^`,
        '',
        'test/fixtures/syntax-errors/002_create_b.sql:4:1 syntax error at or near "SELEKT"',
        '  SELEKT 2;',
        '  ^',
        '',
        '2 problems in 1 file',
        '',
      ].join('\n'),
    });
  });

  it('tells what to do', async () => {
    const { stdout } = await lockstep('check', fixture('two-with-one-number'));
    expect(stdout.split('\n')).toEqual([
      'test/fixtures/two-with-one-number/1_create_b.sql:1:1 001_create_a.sql and 1_create_b.sql both have the number 1',
      '  give each migration a number of its own: 003 is free',
      '',
      '1 problem in 1 file',
      '',
    ]);
  });

  it('prints one object with --json', async () => {
    const sound = await lockstep('check', fixture('stepwise'), '--json');
    expect(JSON.parse(sound.stdout)).toMatchObject({
      problems: [],
      findings: [{ severity: 'info' }],
      migrations: 2,
      statements: 3,
    });
    const { exitCode, stdout } = await lockstep('check', '--json', fixture('syntax-errors'));
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      problems: [
        {
          file: 'test/fixtures/syntax-errors/002_create_b.sql',
          line: 3,
          column: 23,
          message: 'syntax error at or near "FROM"',
          excerpt: "\tSELECT '表', fro FROM FROM a;",
        },
        expect.objectContaining({ line: 4, column: 1 }),
      ],
      findings: [expect.objectContaining({ rule: 'prefer-bigint-over-int', severity: 'info', column: 20 })],
      migrations: 2,
      statements: 3,
    });
  });

  it('shows what a rule finds with its reason and the safe way, and exits with 1 for errors alone', async () => {
    const warned = await lockstep('check', await folderOf({ '1_a.sql': 'DROP INDEX i;' }));
    expect(warned).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/1 statement, no problems, 1 warning\n$/),
    });
    const folder = await folderOf({ '1_a.sql': 'SELECT 1;\n  GRANT SELECT ON a TO PUBLIC;' });
    expect(await lockstep('check', folder)).toEqual({
      exitCode: 1,
      stderr: '',
      stdout: [
        `${folder}/1_a.sql:2:24 error grant-to-public: grants to PUBLIC: to every role that there is or will be, in every database of the fleet`,
        '    GRANT SELECT ON a TO PUBLIC;',
        `  ${' '.repeat(23)}^`,
        '  safe: GRANT … TO a role by name',
        '',
        '1 migration, 2 statements, 1 error',
        '',
      ].join('\n'),
    });
  });

  it('lints by the policy of an environment, too', async () => {
    const folder = await folderOf({
      '1_a.sql': 'DROP INDEX i;',
      'production.json': '{"rules": {"missing-down": "error"}}',
    });
    expect((await lockstep('check', folder)).exitCode).toBe(0);
    const strictly = await lockstep('check', folder, '--policy', `${folder}/production.json`);
    expect(strictly).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('1_a.sql:1:1 error missing-down: has no way back'),
    });
    const wrong = await lockstep('check', folder, '--policy', `${folder}/1_a.sql`);
    expect(wrong).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^PolicyUnreadable: .*1_a\.sql is no policy/),
    });
  });

  it('lists every rule, and every one of squawk that it does not use, with the reason', async () => {
    const { exitCode, stdout } = await lockstep('check', '--rules');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^grant-to-public +error +Lockstep/m);
    expect(stdout).toMatch(/^prefer-text-field +info +squawk/m);
    expect(stdout).toMatch(/^require-lock-timeout +Lockstep sets one for every statement$/m);
  });

  it('takes a folder that is not there for wrong usage', async () => {
    expect(await lockstep('check', 'nowhere')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'FolderNotFound: There is no folder of migrations at nowhere (ENOENT). Name the folder that holds the .sql files.\n',
    });
    const { exitCode, stdout } = await lockstep('check', 'nowhere', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: 'FolderNotFound',
      message: expect.stringContaining('nowhere'),
      details: { folder: 'nowhere', reason: 'ENOENT' },
    });
  });
});
