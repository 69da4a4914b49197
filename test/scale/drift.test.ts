import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('npm run drift finds what was changed by hand, and nothing else, with one call a database and one a finding', async () => {
  const { code, stdout } = await new Promise<{ code: number | null; stdout: string }>((resolve) => {
    const line = [join(import.meta.dirname, 'drift.ts'), '--databases', '4', '--json'];
    const child = execFile(process.execPath, line, (_, stdout) => resolve({ code: child.exitCode, stdout }));
  });
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { databases: 4, seconds: expect.any(Number), dataApiCalls: 6, findings: 2 },
  ]);
});
