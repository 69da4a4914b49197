import { describe, expect, it } from 'vitest';
import { fixture } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

describe('lockstep check', () => {
  it('counts what it found in order', async () => {
    expect(await lockstep('check', fixture('stepwise'))).toEqual({
      exitCode: 0,
      stdout: '2 migrations, 3 statements, no problems\n',
      stderr: '',
    });
  });

  it('checks the folder migrations unless told otherwise', async () => {
    expect((await lockstep('check')).stdout).toMatch(/^15 migrations, \d+ statements, no problems\n$/);
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
    expect(JSON.parse(sound.stdout)).toEqual({ problems: [], migrations: 2, statements: 3 });
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
      migrations: 2,
      statements: 3,
    });
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
