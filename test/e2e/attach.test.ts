import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { startOrAttach } from '../../lib/cli/attempts.ts';
import { clients } from '../../lib/cli/clients.ts';
import { patience } from '../../lib/cli/patience.ts';
import { preview } from '../../lib/cli/preview.ts';
import { uploadBundle } from '../../lib/cli/start-run.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { bundle } from '../../lib/migrations/build.ts';
import { ciStage } from './ci-stage.ts';
import { lockstepWith } from './command.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const it = ciStage();

const folders: string[] = [];
afterAll(() => folders.forEach((it) => void rmSync(it, { recursive: true, force: true })));

const files: Record<string, string> = {};
/** A folder with one migration more than the last one. */
const next = (sql: string): string => {
  files[`${Object.keys(files).length + 1}_it.sql`] = sql;
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-migrations-'));
  folders.push(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

const runs = async (environment: string): Promise<string[]> => {
  const { stateMachineArn } = it.pipeline(environment);
  const { executions = [] } = await it.deployed.clients.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.map(({ name = '' }) => name);
};

const begun = (job: ReturnType<typeof lockstepWith>) =>
  vi.waitFor(() => expect(job.stdout()).toMatch(/staging {2}\d migrations? for /), { timeout: 60_000, interval: 50 });

describe('a job', () => {
  test('that is killed in the middle of a run, and started again, ends as the run does', async () => {
    const role = await it.as('run-staging');
    const line = ['run', 'staging', '--bundle', next('CREATE TABLE slow (id int); SELECT pg_sleep(6);'), '--wait'];
    const first = lockstepWith(role, ...line);
    await begun(first);
    first.process.kill('SIGKILL');
    await first.ended;
    const { exitCode, stdout, stderr } = await lockstepWith(role, ...line).ended;
    expect([exitCode, stdout, stderr]).toEqual([
      ...[0, expect.stringContaining('SUCCEEDED'), expect.stringMatching(/· staging-\S+-1 is at work already/)],
    ]);
    expect(await runs('staging')).toHaveLength(1);
  });

  test('that is killed in the middle of a run that fails, and started again, fails', async () => {
    const role = await it.as('run-staging');
    const line = ['run', 'staging', '--bundle', next('SELECT pg_sleep(6); SELECT no_such();'), '--wait'];
    const first = lockstepWith(role, ...line);
    await begun(first);
    first.process.kill('SIGKILL');
    await first.ended;
    const again = await lockstepWith(role, ...line, '--json').ended;
    expect([again.exitCode, JSON.parse(again.stdout).status]).toEqual([1, 'FAILED']);
    // Another try is another attempt.
    const retry = await lockstepWith(role, ...line, '--json').ended;
    expect([retry.exitCode, JSON.parse(retry.stdout).run]).toEqual([1, expect.stringMatching(/^staging-.{16}-2$/)]);
    files[`${Object.keys(files).length}_it.sql`] = 'SELECT 1';
  });

  test('keeps at it while the connection is lost', async () => {
    const dir = next('CREATE TABLE kept (id int); SELECT pg_sleep(4);');
    const job = lockstepWith(await it.as('run-staging'), 'run', 'staging', '--bundle', dir);
    await begun(job);
    const faults = 'states:DescribeExecution:before:reset,states:GetExecutionHistory:before:500';
    const end = it.deployed.cloud.inject(parseFaults(faults));
    try {
      // Longer than the SDK would try by itself.
      await vi.waitFor(() => expect(job.stderr()).toMatch(/AWS can't be asked \(.+\); trying again/), 60_000);
    } finally {
      expect(end()).toBeGreaterThan(2);
    }
    const { exitCode, stdout } = await job.ended;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('SUCCEEDED')]);
  });

  test('that is interrupted leaves the run going, and says how to come back', async () => {
    const role = await it.as('run-staging');
    const line = ['run', 'staging', '--bundle', next('CREATE TABLE goes_on (id int); SELECT pg_sleep(5);'), '--wait'];
    const job = lockstepWith(role, ...line);
    await begun(job);
    job.process.kill('SIGINT');
    const { exitCode, stderr } = await job.ended;
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/goes on in staging\. .* lockstep watch staging \S+ follows it again/),
    ]);
    expect((await lockstepWith(role, ...line).ended).exitCode).toBe(0);
  });

  test('whose bundle has been brought has nothing to do, by its folder or by its digest', async () => {
    const role = await it.as('run-staging');
    const before = await runs('staging');
    const last = folders.at(-1)!;
    const idle = await lockstepWith(role, 'run', 'staging', '--bundle', last).ended;
    expect([idle.exitCode, idle.stderr]).toEqual([
      0,
      expect.stringContaining('brought this bundle before, and nothing'),
    ]);
    const { digest } = await bundle(last);
    expect((await lockstepWith(role, 'run', 'staging', '--bundle', digest, '--json').ended).exitCode).toBe(0);
    expect(await runs('staging')).toEqual(before);
  });

  test('waits for the approval if it is told to, and is back with how it ended', async () => {
    const question = it.asked();
    const line = ['run', 'production', '--bundle', folders.at(-1)!, '--wait'];
    const job = lockstepWith(await it.as('run-production'), ...line);
    await vi.waitFor(() => expect(job.stdout()).toContain('waiting for approval'), 60_000);
    await it.approve(await question);
    const { exitCode, stdout } = await job.ended;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('production  SUCCEEDED')]);
  });
});

test('a plan whose start is answered after it has ended, or not at all, is told once', async () => {
  const { digest, bundle: here } = await bundle(folders.at(-1)!);
  const { previewStateMachineArn: stateMachineArn } = it.pipeline('staging');
  const previews = async () =>
    (await it.deployed.clients.sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length ?? 0;
  const before = await previews();
  const [lost] = parseFaults('states:StartExecution:after:timeout@1').faults;
  const end = it.deployed.cloud.inject({ faults: [lost!], holdMilliseconds: 10_000 });
  const planned = await preview(it.deployed.clients, it.pipeline('staging'), { digest, here });
  expect(end()).toBe(1);
  expect(planned).toMatchObject({ failure: null, plan: { databases: expect.any(Array) } });
  expect(await previews()).toBe(before + 1);
});

test('a digest whose bundle one environment alone has is planned for all that are named', async () => {
  const only = await bundle(next('CREATE TABLE only_there (id int);'));
  const { clients } = it.deployed;
  await uploadBundle(clients, it.pipeline('production'), { digest: only.digest, bundle: only.bundle });
  const { exitCode, stdout } = await lockstepWith(
    await it.as('plan'),
    ...['plan', 'staging', 'production', '--bundle', only.digest, '--json'],
  ).ended;
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    environments: [
      { environment: 'staging', failure: null },
      { environment: 'production', failure: null },
    ],
    migrations: [{ statements: [{ sql: 'CREATE TABLE only_there (id int)' }] }],
  });
});

test('fifty jobs that start the same at once, as two different callers, make one run', async () => {
  const given = await bundle(next('CREATE TABLE once (id int); SELECT pg_sleep(4);'));
  const before = await runs('staging');
  const keys = await Promise.all(['one', 'two'].map((session) => it.as('run-staging', session)));
  const { endpoint, place } = it.deployed.cloud;
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, at) => {
      const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = keys[at % 2]!;
      const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
      const address = { endpoint, region: place.region, ...credentials, sessionToken: AWS_SESSION_TOKEN };
      // As the command has it: S3 tells those who put the bundle at the same time to try again.
      const { clients: connected, persist } = patience(
        () => clients(address),
        () => {},
      );
      const wanted = { digest: given.digest, here: given.bundle, requestedBy: `job ${at}`, authors: [] };
      return startOrAttach(connected, it.pipeline('staging'), wanted, { persist });
    }),
  );
  const made = (await runs('staging')).filter((run) => !before.includes(run));
  expect(made).toHaveLength(1);
  expect([...new Set(all.map(({ run }) => run))]).toEqual(made);
  expect(all.filter(({ how }) => how === 'started').length).toBeGreaterThan(0);
});
