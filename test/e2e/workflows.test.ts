import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ciStage } from './ci-stage.ts';
import { lockstepWith } from './command.ts';
import { checkout, runJob, scriptsRun, stepsIn } from './workflow-runner.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const it = ciStage({ evidence: 'e2e' });
const pullRequest = '.github/examples/pull-request.yml';
const merge = '.github/examples/merge.yml';
const action = '.github/actions/lockstep/action.yml';

type Comment = { id: number; user: { type: string }; body: string };
/** As much of GitHub's API as comments take. */
const comments: Comment[] = [{ id: 1, user: { type: 'User' }, body: 'Looks good.' }];
let github: Server;
beforeAll(async () => {
  github = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const [, id] = /^\/repos\/acme\/orders\/issues\/(?:comments\/(\d+)|7\/comments)/.exec(request.url ?? '') ?? [];
    const body = text === '' ? '' : JSON.parse(text).body;
    if (request.headers.authorization !== 'Bearer token') response.statusCode = 401;
    else if (request.method === 'POST') comments.push({ id: comments.length + 1, user: { type: 'Bot' }, body });
    else if (request.method === 'PATCH') comments.find((one) => one.id === Number(id))!.body = body;
    response.end(JSON.stringify(request.method === 'GET' ? comments : {}));
  });
  await new Promise<void>((listening) => github.listen(0, '127.0.0.1', listening));
});
afterAll(() => github.close());

/** Stays until all tests are over. */
const folder = (files: Record<string, string>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-migrations-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  folders.push(directory);
  return directory;
};
const folders: string[] = [];
afterAll(() => folders.forEach((it) => void rmSync(it, { recursive: true, force: true })));

/** What code scanning was given. */
const scanned: { version: string; runs: { results: { ruleId: string }[] }[] }[] = [];

const nothing = async () => ({});
const job = (file: string, name: string, directory: string) =>
  runJob(file, name, {
    directory,
    environment: {
      ...{ AWS_EC2_METADATA_DISABLED: 'true', GITHUB_REPOSITORY: 'acme/orders' },
      GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`,
    },
    expressions: {
      ...{ 'vars.LOCKSTEP_PLAN_ROLE': 'plan', 'vars.LOCKSTEP_RUN_ROLE': `run-${name}`, 'vars.AWS_REGION': 'us-east-1' },
      ...{ 'github.token': 'token', 'github.event.pull_request.number': '7', 'github.repository': 'acme/orders' },
      'github.event.pull_request.head.repo.full_name': 'acme/orders',
      ...{ 'github.server_url': 'https://github.com', 'github.run_id': '42' },
      "join(github.event.commits.*.author.email, ' ')": 'ada@example.com --wait',
    },
    others: {
      ...{ 'actions/checkout': nothing, 'actions/setup-node': nothing },
      // The jobs share a folder here.
      ...{ 'actions/upload-artifact': nothing, 'actions/download-artifact': nothing },
      'github/codeql-action/upload-sarif': async (inputs, directory) => {
        scanned.push(JSON.parse(readFileSync(join(directory, inputs.sarif_file!), 'utf8')));
        return {};
      },
      'aws-actions/configure-aws-credentials': (inputs) => it.as(inputs['role-to-assume']!),
    },
  });

const first = { '1_items.sql': "CREATE TABLE items (id int);\n-- ```\nCOMMENT ON TABLE items IS '```';" };
const more = { ...first, '2_name.sql': 'ALTER TABLE items ADD name text;', '3_drop.sql': 'DROP TABLE items;' };

describe('a pull request', () => {
  test('is told in one comment what its migrations would do in each environment', async () => {
    const { code, log, summary } = await job(pullRequest, 'plan', checkout(folder(first)));
    expect([code, log]).toEqual([0, expect.stringContaining('1 migration, 2 statements, no problems')]);
    expect(comments).toHaveLength(2);
    const { body } = comments[1]!;
    expect(summary).toBe(body);
    expect(body).toMatch(/^<!-- lockstep plan: orders\/staging orders\/production -->\n/);
    expect(body).toContain('| **staging** | bring 1 migration to 2 databases in 2 clusters | 2 | 🟢 low |');
    expect(body).toContain('| `1_items.sql` | 🟢 low | adds without touching what is there | 2 | 2 |');
    // The fence is longer than any in the file.
    expect(body).toContain("````sql\nCREATE TABLE items (id int);\n\nCOMMENT ON TABLE items IS '```';\n````");
  });

  test('that goes on is told in the same comment', async () => {
    const { code } = await job(pullRequest, 'plan', checkout(folder(more)));
    expect(code).toBe(0);
    expect(comments).toHaveLength(2);
    // The table is not there yet, so nothing is lost with it; rules speak of what the file does.
    expect(comments[1]!.body).toContain('| `3_drop.sql` | 🟢 low |');
    expect(comments[1]!.body).toContain('- ⚠️ `3_drop.sql:1` **drop-table**: drops items with its data');
  });

  test('whose files are wrong fails, and the comment tells that and no earlier plan', async () => {
    const [marker] = comments[1]!.body.split('\n');
    const { code, log, summary } = await job(pullRequest, 'plan', checkout('test/fixtures/misspelt'));
    expect([code, log]).toEqual([1, expect.stringContaining('syntax error at or near "NUL"')]);
    expect(comments).toHaveLength(2);
    const { body } = comments[1]!;
    expect(summary).toBe(body);
    expect(body.split('\n')[0]).toBe(marker);
    expect(body).toMatch(/❌ There is nothing to plan:\n\n```\nMigrationsInvalid: .*syntax error at or near "NUL"/);
    expect(body).not.toContain('3_drop.sql');
    expect(scanned.at(-1)).toMatchObject({ version: '2.1.0', runs: [{ results: [{ level: 'error' }] }] });
  });

  test('that no rule lets pass fails, and is told what it would do all the same', async () => {
    const open = { ...first, '2_open.sql': 'GRANT SELECT ON items TO PUBLIC;' };
    const { code, log } = await job(pullRequest, 'plan', checkout(folder(open)));
    expect([code, log]).toEqual([1, expect.stringContaining('error grant-to-public')]);
    expect(comments).toHaveLength(2);
    expect(comments[1]!.body).toContain('grant-to-public');
    expect(comments[1]!.body).not.toContain('There is nothing to plan');
  });

  test('can have nothing run, and nobody asked', async () => {
    const branch = await it.as('plan');
    const dir = folder(more);
    const { exitCode, stdout, stderr } = await lockstepWith(branch, 'run', 'staging', '--bundle', dir).ended;
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/not authorized to perform: s3:PutObject/);
    for (const environment of ['staging', 'production']) {
      const { stateMachineArn } = it.pipeline(environment);
      const { executions } = await it.deployed.clients.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      expect(executions).toEqual([]);
    }
    expect(it.deployed.cloud.inbox.messages().filter(({ subject }) => /^Approve/.test(subject ?? ''))).toEqual([]);
  });
});

describe('what is merged', () => {
  let directory = '';
  let link = '';

  test('is bundled once, and can go nowhere but to staging', async () => {
    directory = checkout(folder(first));
    expect(await job(merge, 'bundle', directory)).toMatchObject({ code: 0 });
    const line = ['run', 'production', '--bundle', join(directory, 'bundle.json'), '--json'];
    const { stdout, exitCode } = await lockstepWith(await it.as('run-production'), ...line).ended;
    expect([exitCode, JSON.parse(stdout).failure]).toMatchObject([1, { error: 'PromotionRefused' }]);
    expect(JSON.parse(stdout).failure.cause).toMatch(/staging[\s\S]*e2e/);
  });

  test('is brought to staging and tested there, which the job attests', async () => {
    const { code, summary, log } = await job(merge, 'staging', directory);
    expect([code, summary]).toEqual([0, expect.stringMatching(/^### ✅ staging: SUCCEEDED\n/)]);
    expect(summary).toContain('| `orders-staging-1` | `tenant_0001` | 1 | 1 |');
    expect(log).toMatch(
      /e2e of bundle \w{12} has passed in staging, says arn:aws:sts::\d+:assumed-role\/run-staging\//,
    );
  });

  test('waits in production for its approval, and the job does not', async () => {
    const question = it.asked();
    const named = readFileSync(merge, 'utf8').replaceAll(/^( +)bundle: bundle.json$/gm, '$&\n$1authors: grace linus');
    const file = join(folder({ 'merge.yml': named }), 'merge.yml');
    const { code, summary, outputs, log } = await job(file, 'production', directory);
    expect([code, outputs]).toEqual([0, { waits: 'true' }]);
    expect(summary).toMatch(/^### ⏳ production: it waits for approval\n/);
    expect(log).toContain(
      '::notice title=production waits::It waits for people, or for its window. Run this job again',
    );
    link = await question;
  });

  test('is followed by the same job run again, to the end', async () => {
    await it.approve(link);
    const { code, summary, outputs, log } = await job(merge, 'production', directory);
    expect([code, outputs, summary]).toEqual([0, {}, expect.stringMatching(/^### ✅ production: SUCCEEDED\n/)]);
    expect(log).toMatch(/production-[0-9a-f]{16}-2 (is at work already|has brought this bundle before)/);
  });

  test('was never put to those who wrote it', async () => {
    const { stdout } = await lockstepWith(it.deployed.cloud.environment(), 'approvals', 'production', '--json').ended;
    expect(JSON.parse(stdout).requests).toMatchObject([{ authors: ['ada@example.com', '--wait', 'grace', 'linus'] }]);
  });

  test('goes the same way with any other CI', async () => {
    const script = (directory: string) =>
      new Promise<{ code: number | null; log: string }>((resolve) => {
        const env = { ...process.env, ...it.deployed.cloud.environment() };
        const child = execFile('./.github/examples/any-ci.sh', { cwd: directory, env }, (_, stdout, stderr) =>
          resolve({ code: child.exitCode, log: stdout + stderr }),
        );
      });
    const question = it.asked();
    const other = checkout(folder({ ...first, '2_name.sql': 'ALTER TABLE items ADD name text;' }));
    const started = await script(other);
    expect([started.code, started.log]).toEqual([
      0,
      expect.stringContaining('Production waits for people, or for its window.'),
    ]);
    await it.approve(await question);
    const again = await vi.waitFor(
      async () => {
        const ended = await script(other);
        expect(ended.log).toContain('production  SUCCEEDED');
        return ended;
      },
      { timeout: 60_000, interval: 500 },
    );
    expect(again.code).toBe(0);
    expect(again.log).toMatch(/orders-production-2 +tenant_0002 +2 /);
  });
});

test('every step that bash runs has been run here, and has nothing of others written into it', () => {
  const scripts = [pullRequest, merge, action].flatMap(stepsIn).flatMap(({ run }) => run ?? []);
  expect(scripts.length).toBeGreaterThan(7);
  for (const script of scripts) {
    expect(scriptsRun).toContain(script);
    expect(script).not.toContain('${{');
  }
});
