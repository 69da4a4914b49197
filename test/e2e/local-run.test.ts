import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { folderOf } from '../helpers/folder.ts';
import { shownInReadme } from '../helpers/readme.ts';
import { lockstep } from './command.ts';

const state = mkdtempSync(join(tmpdir(), 'lockstep-state-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

const run = (...more: string[]) => lockstep('local', 'run', ...more).ended;

// The state of one test is where the next one begins.
describe('lockstep local run', () => {
  test('takes the sample through staging and production, approving through the page, and shows the matrix', async () => {
    const { exitCode, stdout } = await run('--state', state);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /production {2}waiting for approval\n {2}http:\/\/127\.0\.0\.1:\d+\/\S+\n {2}no terminal to ask at: approving it there/,
    );
    const rows = stdout
      .split('\n')
      .filter((line) => /^(staging|production) +orders-/.test(line))
      .map((line) => line.split(/ +/));
    expect(rows.map(([environment, , database, version]) => `${environment} ${database} ${version}`)).toEqual([
      'staging acme 0015',
      'staging globex 0015',
      'staging initech 0015',
      'staging umbrella 0015',
      'production acme 0015',
      'production globex 0015',
      'production initech 0015',
      'production umbrella 0015',
    ]);
    expect(new Set(rows.map((row) => row.at(-1))).size).toBe(1);
  });

  test('has nothing to do the second time, and says so in JSON', async () => {
    const { exitCode, stdout } = await run('--state', state, '--yes', '--json');
    const { digest, environments } = JSON.parse(stdout);
    expect([exitCode, digest]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(
      environments.map(({ environment, status, approvals }: never) => ({ environment, status, approvals })),
    ).toEqual([
      { environment: 'staging', status: 'SUCCEEDED', approvals: [] },
      { environment: 'production', status: 'SUCCEEDED', approvals: [] },
    ]);
    const databases = environments.flatMap((it: { databases: unknown[] }) => it.databases);
    expect(databases).toHaveLength(8);
    for (const database of databases)
      expect(database).toMatchObject({ applied: [], pending: [], failed: null, snapshot: null });
    expect(Object.keys(environments[0]).toSorted()).toEqual([
      'approvals',
      'dataApiCalls',
      'databases',
      'differences',
      'drift',
      'environment',
      'execution',
      'failure',
      'holds',
      'planDigest',
      'revert',
      'revertedBy',
      'run',
      'seconds',
      'stateTransitions',
      'status',
      'unfit',
    ]);
  });

  test('ends with 1 at a failing statement, as README shows, and does not begin the environments after it', async () => {
    const { exitCode, stdout } = await run('--dir', 'test/fixtures/failing', '--clusters', '1', '--databases', '1');
    expect(exitCode).toBe(1);
    const shown = shownInReadme('npx lockstep local run --dir test/fixtures/failing').split('\n').slice(1);
    expect(masked(stdout)).toContain(masked(shown.join('\n')));
    expect(stdout).not.toMatch(/^production/m);
  });

  test('takes a run back, newest first, in the environment that it was in, and wants to be told where that was kept', async () => {
    const kept = mkdtempSync(join(tmpdir(), 'lockstep-state-'));
    const dir = await folderOf({
      '1_t.up.sql': 'CREATE TABLE t (id int);',
      '1_t.down.sql': 'DROP TABLE t;',
      '2_i.up.sql': 'CREATE INDEX CONCURRENTLY t_id ON t (id);',
      '2_i.down.sql': 'DROP INDEX CONCURRENTLY t_id;',
    });
    const line = ['--state', kept, '--clusters', '1', '--databases', '1'];
    const first = await run('--dir', dir, '--environments', 'staging', ...line);
    const name = /^staging {2}run (\S+)$/m.exec(first.stdout)?.[1] ?? '';
    const { exitCode, stdout } = await run('--revert', name, ...line);
    const again = await run('--revert', name, '--json', ...line);
    rmSync(kept, { recursive: true, force: true });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`takes 2 migrations of run ${name} back in 1 database in 1 wave`);
    expect(stdout).toMatch(/^ENVIRONMENT .* TAKEN BACK /m);
    expect(stdout).toMatch(/^staging +orders-staging-1 +tenant_0001 +before 1 +2 /m);
    expect(JSON.parse(again.stdout).environments).toMatchObject([
      { environment: 'staging', status: 'SUCCEEDED', revert: name, databases: [{ reverted: [], snapshot: null }] },
    ]);
  });

  test('finds its state again after it was killed in the middle', async () => {
    const dir = await folderOf({
      '1_slow.sql': 'CREATE TABLE t (id int); SELECT pg_sleep(3);',
      '2_fast.sql': 'INSERT INTO t VALUES (1);',
    });
    const killed = mkdtempSync(join(tmpdir(), 'lockstep-state-'));
    const line = ['--dir', dir, '--clusters', '1', '--databases', '1', '--environments', 'staging', '--state', killed];
    const first = lockstep('local', 'run', ...line);
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!/1 wave/.test(first.stdout())) return;
        clearInterval(look);
        setTimeout(resolve, 1000);
      }, 50);
    });
    first.process.kill('SIGKILL');
    await first.ended;
    const { exitCode, stdout } = await run(...line);
    rmSync(killed, { recursive: true, force: true });
    expect(stdout).toContain('SUCCEEDED');
    expect(exitCode).toBe(0);
  });
});

describe('wrong usage ends with 2', () => {
  test.each([
    ['an unknown option', ['--wat'], /unknown option/],
    ['a folder that is not there', ['--dir', 'nowhere'], /FolderNotFound/],
    [
      'an environment that is not there',
      ['--environments', 'mars'],
      /UnknownEnvironment: There is no environment mars\. There are: staging, production/,
    ],
    ['a run to take back from nowhere', ['--revert', 'x'], /'--revert' goes with --state/],
    ['a number that is none', ['--clusters', 'many'], /whole number/],
  ])('%s', async (_, line, told) => {
    const { exitCode, stderr } = await run(...line);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(told)]);
  });
});

/** What differs from run to run: times, counts of milliseconds, ports, ids, hashes, who is logged in. */
const masked = (output: string): string =>
  output
    .replace(/\d+(\.\d+)? m?s\b/g, '# s')
    .replace(/127\.0\.0\.1:\d+\/\S+/g, 'link')
    .replace(/\b[0-9a-f]{12}-\d{17}\b/g, 'run')
    .replace(/-([0-9a-f]{12}|…)(?= |\.|$)/gm, '-hash')
    .replace(/\b[0-9a-f]{12}$/gm, 'fingerprint')
    .replace(/ as \S+ \(/g, ' as somebody (')
    .trim();
