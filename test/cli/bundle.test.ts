import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/migrations/digest.ts';
import { parseBundle } from '../../lib/migrations/parse-bundle.ts';
import { fixture, folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

describe('lockstep bundle', () => {
  it('shows the digest and what is in the bundle', async () => {
    const { exitCode, stdout, stderr } = await lockstep('bundle', fixture('stepwise'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [digest, ...rest] = stdout.split('\n');
    expect(digest).toMatch(/^digest [0-9a-f]{64}$/);
    expect(rest).toEqual([
      '',
      'id   name      file                mode           statements  down  size',
      '001  create_a  001_create_a.sql    transactional           1  no    25 B',
      '002  index_a   002_index_a.up.sql  stepwise                1  yes   42 B',
      '',
      '2 migrations, 2 statements',
      '',
    ]);
  });

  it('prints the same as data with --json', async () => {
    const { stdout } = await lockstep('bundle', fixture('stepwise'), '--json');
    expect(JSON.parse(stdout)).toEqual({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      migrations: [
        {
          id: '001',
          name: 'create_a',
          file: '001_create_a.sql',
          mode: 'transactional',
          statements: 1,
          down: false,
          size: 25,
        },
        {
          id: '002',
          name: 'index_a',
          file: '002_index_a.up.sql',
          mode: 'stepwise',
          statements: 1,
          down: true,
          size: 42,
        },
      ],
      verify: [],
    });
  });

  it('writes the canonical JSON, whose SHA-256 is the digest', async () => {
    const file = join(await folderOf({}), 'bundle.json');
    const { stdout } = await lockstep('bundle', fixture('stepwise'), '--json', '--output', file);
    const { digest } = JSON.parse(stdout);
    const text = await readFile(file, 'utf8');
    expect(sha256(text)).toBe(digest);
    expect(parseBundle(text, digest).migrations).toHaveLength(2);
  });

  it('fails with a reason where it cannot write', async () => {
    expect(await lockstep('bundle', fixture('stepwise'), '--output', 'nowhere/bundle.json')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: "FileNotWritten: nowhere/bundle.json can't be written (ENOENT). Name a file in a folder that exists.\n",
    });
  });

  it('lists the problems of a folder that makes no bundle', async () => {
    const { exitCode, stdout, stderr } = await lockstep('bundle', fixture('syntax-errors'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('002_create_b.sql:3:23 syntax error at or near "FROM"\n  \tSELECT');
    expect(stderr).toMatch(/\nMigrationsInvalid: The migrations in .* \(and 1 more\)\. Mend what .*\n$/);
    const { stdout: json } = await lockstep('bundle', fixture('syntax-errors'), '--json');
    expect(JSON.parse(json)).toMatchObject({ error: 'MigrationsInvalid', details: { problems: [{}, {}] } });
  });
});
