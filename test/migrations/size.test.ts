import { expect, test } from 'vitest';
import { folderOf } from '../helpers/folder.ts';
import { lockstep } from '../helpers/lockstep.ts';

const row = `INSERT INTO t VALUES ('${'x'.repeat(980)}');\n`;

test('a transaction that does not fit into a Data API request is refused with what to do, one that does is not', async () => {
  const folder = await folderOf({ '1_fits.sql': row.repeat(3_900), '2_large.sql': `-- rows\n${row.repeat(4_200)}` });
  const { exitCode, stdout } = await lockstep('check', folder);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /2_large\.sql:2:1 a transaction of 4\.\d MiB does not fit into a Data API request\n.*stepwise/,
  );
  expect(stdout).toMatch(/1 problem in 1 file/);
});

test('the same statements are fine where each commits by itself', async () => {
  const folder = await folderOf({ '1_large.sql': `-- lockstep: stepwise\n${row.repeat(4_200)}` });
  expect((await lockstep('check', folder)).exitCode).toBe(0);
});
