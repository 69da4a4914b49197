import { describe, expect, test, vi } from 'vitest';
import { decideAsApprovers } from '../../lib/cli/decide-locally.ts';
import { askEndpoint } from '../../lib/cli/endpoint.ts';
import { localApprovers } from '../../lib/cli/local-identities.ts';
import { approvers } from './approvers.ts';
import { commands } from './commands.ts';
import { ada } from './shop/people.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({ environments: 'production,strict' }, { app: 'test/e2e/shop' });
const { run, keys, clientsOf } = approvers(it);
const { as } = commands(it);

const first = { '1_first.sql': 'CREATE TABLE first (id int);' };
const grave = { ...first, '2_gone.sql': 'CREATE SCHEMA gone; DROP SCHEMA gone;' };
const graver = { ...grave, '3_gone.sql': 'CREATE SCHEMA brief; DROP SCHEMA brief;' };

type Ended = Awaited<ReturnType<typeof as>>;
const shown = ({ exitCode, stdout, stderr }: Ended) => ({ exitCode, told: `${stdout}${stderr}` });

// These tests tell one story, in this order.
describe('from the command line', () => {
  test('one sees what waits, rejects it with a reason only, and sees what became of it', async () => {
    const ended: Record<string, ReturnType<typeof shown>> = {};
    const result = await run('production', first, async ({ run }) => {
      ended.waiting = shown(await as(keys.ada(), 'approvals', 'production'));
      ended.read = shown(await as(keys.ada(), 'approvals', 'production', run));
      ended.unasked = shown(await as(keys.ada(), 'reject', 'production', run, '--reason', 'no'));
      ended.unreasoned = shown(await as(keys.ada(), 'reject', 'production', run, '--yes'));
      ended.otherPlan = shown(await as(keys.ada(), 'approve', 'production', run, '--plan', 'abcdef12', '--yes'));
      ended.rejected = shown(await as(keys.ada(), 'reject', 'production', run, '--reason', 'not on a Friday', '--yes'));
      ended.late = shown(await as(keys.berta(), 'approve', 'production', run, '--yes'));
    });
    expect(ended.waiting).toMatchObject({
      exitCode: 0,
      told: expect.stringMatching(/^waiting +\S+ +low risk, plan \w{12}\n/),
    });
    expect(ended.waiting?.told).toContain('started by arn:aws:iam::000000000000:root\n');
    expect(ended.waiting?.told).toMatch(/0 of 1 approval, of Ada, Berta, Carl; expires in/);
    expect(ended.read?.told).toContain('\n  to bring 1 migration to 1 database in 1 cluster, in 1 wave: 1 low risk\n');
    expect(ended.read?.told).toContain('\n1_first.sql  low risk, in 1 database\n    1 CREATE TABLE first (id int);\n');
    expect(ended.unasked).toMatchObject({
      exitCode: 1,
      told: expect.stringContaining('NotConfirmed: Nothing was changed'),
    });
    expect(ended.unreasoned).toMatchObject({
      exitCode: 2,
      told: expect.stringContaining('rejecting needs --reason'),
    });
    expect(ended.otherPlan).toMatchObject({
      exitCode: 1,
      told: expect.stringMatching(/OtherPlan: The plan of \S+ is \w{64}, not abcdef12/),
    });
    expect(ended.rejected).toMatchObject({
      exitCode: 0,
      told: expect.stringContaining('Rejected by Ada: not on a Friday.'),
    });
    expect(ended.late).toMatchObject({
      exitCode: 1,
      told: expect.stringContaining('AlreadyDecided: This is decided already: rejected by Ada'),
    });
    expect(result.failure).toEqual({ error: 'Rejected', cause: 'Ada: not on a Friday' });
    const after = await as(null, 'approvals', 'production');
    expect(after.stdout).toMatch(/^rejected +\S+ .*\n +rejected by Ada: not on a Friday\n/);
  });

  test('one approves as a user, as a session of a role, and only whoever the policy names', async () => {
    const ended: Record<string, ReturnType<typeof shown>> = {};
    await run('production', first, ({ run }) => as(keys.ada(), 'approve', 'production', run, '--yes'));
    let json: Ended | undefined;
    const result = await run('production', grave, async ({ run }) => {
      const line = ['approve', 'production', run, '--yes'];
      ended.stranger = shown(await as(keys.stranger(), ...line));
      ended.nobody = shown(await as(keys.nobody(), ...line));
      ended.one = shown(await as(keys.ada(), ...line, '--reason', 'read it'));
      ended.withdrawn = shown(await as(keys.ada(), 'withdraw', 'production', run));
      ended.again = shown(await as(keys.ada(), 'withdraw', 'production', run));
      ended.carl = shown(await as(keys.carl('laptop'), ...line));
      json = await as(keys.berta(), ...line, '--json');
    });
    expect(ended.stranger).toMatchObject({
      exitCode: 1,
      told: expect.stringMatching(/UnknownPerson: \S+:user\/stranger is nobody whom/),
    });
    expect(ended.nobody?.exitCode).toBe(1);
    expect(ended.nobody?.told).toMatch(/^AccessDeniedException: User: \S+ is not authorized to perform: ssm:\S+ .*\n$/);
    expect(ended.one).toMatchObject({ exitCode: 3, told: expect.stringContaining('Approved, 1 more needed.') });
    expect(ended.withdrawn).toMatchObject({ exitCode: 0, told: expect.stringContaining('Withdrawn, 2 more needed.') });
    expect(ended.again).toMatchObject({ exitCode: 1, told: expect.stringContaining('NothingToWithdraw') });
    expect(ended.carl?.exitCode).toBe(3);
    expect(json?.exitCode).toBe(0);
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({
      result: 'counted',
      request: { state: 'approved', sentence: 'approved by Carl, Berta' },
    });
    expect(result.approvals.map(({ by, withdrawnAt }) => [by, withdrawnAt !== undefined])).toEqual([
      ['Ada', true],
      ['Carl', false],
      ['Berta', false],
    ]);
  });

  test('who may find the pipeline but not ask the endpoint is told what is missing', async () => {
    const reading = it.deployed.cloud.createUser({
      name: 'reader',
      statements: [{ Effect: 'Allow', Action: 'ssm:GetParametersByPath', Resource: '*' }],
    });
    const { exitCode, stderr } = await as(reading.accessKey, 'approvals', 'production');
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/EndpointRefused: .*execute-api:Invoke/)]);
    const unknown = await as(null, 'approve', 'production', 'no-such-run', '--yes', '--json');
    expect([unknown.exitCode, JSON.parse(unknown.stdout)]).toMatchObject([1, { error: 'NoSuchRequest' }]);
  });

  test('the glass is broken by whom the policy lets, with a reason, and everybody hears of it', async () => {
    const ended: Record<string, ReturnType<typeof shown>> = {};
    const reason = 'customers cannot pay since nine';
    const before = it.deployed.cloud.inbox.messages().length;
    const result = await run('production', graver, async ({ run }) => {
      const line = ['approve', 'production', run, '--yes', '--break-glass'];
      ended.berta = shown(await as(keys.berta(), ...line, '--reason', reason));
      ended.hasty = shown(await as(keys.carl(), ...line, '--reason', 'urgent'));
      ended.carl = shown(await as(keys.carl(), ...line, '--reason', reason));
    });
    expect(ended.berta).toMatchObject({ exitCode: 1, told: expect.stringContaining('NoBreakGlass: Berta may not') });
    expect(ended.hasty).toMatchObject({ exitCode: 1, told: expect.stringContaining('ReasonNeeded: Say why') });
    expect(ended.carl).toMatchObject({
      exitCode: 0,
      told: expect.stringContaining(`Approved by Carl alone, breaking the glass: ${reason}.`),
    });
    expect(result).toMatchObject({ status: 'SUCCEEDED', approvals: [{ by: 'Carl', breakGlass: true, reason }] });
    const told = it.deployed.cloud.inbox
      .messages()
      .slice(before)
      .filter(({ subject }) => subject?.startsWith('GLASS BROKEN: shop production'));
    expect(told.map(({ to }) => to?.endpoint).toSorted()).toEqual([
      'ada@example.com',
      'berta@example.com',
      'carl@example.com',
    ]);
    expect(it.deployed.cloud.slack.messages().some(({ text }) => text.includes('go ahead in production alone'))).toBe(
      true,
    );
    const history = await as(null, 'history', 'production', 'shop');
    expect(history.stdout).toMatch(/APPROVALS\n/);
    expect(history.stdout).toContain(
      `Carl approved by IAM (high assurance, arn:aws:sts::000000000000:assumed-role/OnCall/anything), BREAKING THE GLASS: ${reason}`,
    );
    const fleet = JSON.parse((await as(null, 'history', 'production', '--json')).stdout);
    expect(fleet.approvals).toMatchObject([{ run: result.run, votes: [{ by: 'Carl', breakGlass: true }] }]);
  });
});

describe('where a link in a mail proves too little', () => {
  test('mail and an incoming webhook tell, the page takes no approval, and the command line does', async () => {
    let page = '';
    const result = await run('strict', first, async ({ run, link, page: decide }) => {
      page = await (await fetch(await link(ada))).text();
      await expect(decide(ada, 'approved')).rejects.toThrow(/does not prove who opens it/);
      await as(keys.berta(), 'approve', 'strict', run, '--yes');
    });
    expect(page).toMatch(/lockstep approve strict/);
    expect(page).not.toContain('value="approved"');
    expect(result.approvals).toMatchObject([{ by: 'Berta', channel: 'iam', assurance: 'high' }]);
    const posted = it.deployed.cloud.slack.messages().filter(({ via }) => via === 'webhook');
    expect(posted.map(({ text }) => text)[0]).toBe('shop strict waits for approval');
    expect(JSON.stringify(posted[0]?.blocks)).toMatch(/approvals\/[\w-]{22}\|Read every statement/);
    expect(JSON.stringify(posted[0]?.blocks)).not.toContain('lockstep_approve');
  });

  test('lockstep local run approves in the name of an approver, by IAM', async () => {
    const result = await run('strict', grave, () =>
      decideAsApprovers(it.deployed, it.pipeline('strict'), 'approved', ''),
    );
    expect(result).toMatchObject({ status: 'SUCCEEDED', approvals: [{ by: 'Ada', channel: 'iam' }] });
  });

  test('on this machine one can be each approver whom the policies know by IAM', async () => {
    const known = await localApprovers(it.deployed);
    expect(known.map(({ name, arn }) => [name, arn])).toEqual([
      ['Ada', 'arn:aws:iam::000000000000:user/ada'],
      ['Berta', 'arn:aws:sts::000000000000:assumed-role/Admin/berta@example.com'],
      ['Carl', 'arn:aws:iam::000000000000:role/teams/OnCall'],
    ]);
    const called = known.map(async ({ name, environment }) => {
      const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN: sessionToken } = environment;
      const held = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
      const announcement = { path: `/runs/by-${name}/announcement`, body: { digest: 'd'.repeat(64) } };
      return askEndpoint(clientsOf(sessionToken ? { ...held, sessionToken } : held), it.pipeline('production'), {
        ...{ method: 'POST', ...announcement },
      });
    });
    expect((await Promise.all(called)).map(({ starter }) => starter)).toEqual([
      'arn:aws:iam::000000000000:user/ada',
      'arn:aws:sts::000000000000:assumed-role/Admin/berta@example.com',
      'arn:aws:sts::000000000000:assumed-role/OnCall/local',
    ]);
  });
});
