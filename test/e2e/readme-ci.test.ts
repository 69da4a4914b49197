import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { ciStage } from './ci-stage.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const it = ciStage();

const typed = (line: string) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, CI: 'true', ...it.deployed.cloud.environment() };
    const child = execFile('bash', ['-c', line], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

test("what README's chapter on CI has one type does what it says", async () => {
  const chapter = /\n## CI\n([\s\S]*?)\n## /.exec(readFileSync('README.md', 'utf8'))![1]!;
  const lines = [.../```console\n([\s\S]*?)```/.exec(chapter)![1]!.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line!);
  expect(lines).toHaveLength(3);
  const [plan, staging, production] = [await typed(lines[0]!), await typed(lines[1]!), await typed(lines[2]!)];
  expect([plan.code, plan.stdout]).toEqual([
    0,
    expect.stringMatching(/^staging {2}a run would bring 15 migrations to 2/),
  ]);
  expect(plan.stdout).toContain('CREATE INDEX CONCURRENTLY');
  expect([staging.code, staging.stdout]).toEqual([0, expect.stringContaining('staging  SUCCEEDED')]);
  expect([production.code, production.stdout]).toEqual([3, expect.stringContaining('It waits for people to decide.')]);
  const again = await typed(lines[0]!);
  expect(again.stdout).toMatch(
    /^staging {2}nothing pending in 2 databases\nproduction {2}a run would bring 15 migrations/,
  );
});
