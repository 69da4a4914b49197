import { GetExecutionHistoryCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import { decideByPage } from '../../lib/cli/decide-by-page.ts';
import { decideAsApprovers } from '../../lib/cli/decide-locally.ts';
import { approvers } from './approvers.ts';
import { ada, berta, carl } from './shop/people.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({ environments: 'production' }, { app: 'test/e2e/shop' });
const { run, keys } = approvers(it);

// One environment whose history grows: a harmless file more with each run that is approved.
const files: Record<string, string> = { '001_first.sql': 'CREATE TABLE first (id int);' };
const oneMore = (sql = 'SELECT 1;') => {
  const number = String(Object.keys(files).length + 1).padStart(3, '0');
  return { ...files, [`${number}_more.sql`]: sql };
};
const grave = { '001_first.sql': files['001_first.sql']!, '002_gone.sql': 'CREATE SCHEMA gone; DROP SCHEMA gone;' };
const untouched = () => it.sql('shop-production', 'shop', "SELECT to_regclass('first') IS NULL");

describe('a request is', () => {
  test('rejected in Slack: the run ends cleanly with the reason, and everybody is told', async () => {
    let late: string | undefined;
    const result = await run('production', files, async ({ slack, modal, page, request }) => {
      const open = await modal(ada, 'approved');
      expect(await slack(berta, 'rejected', 'not on a Friday')).toBe('counted');
      await expect(page(ada, 'approved')).rejects.toThrow(/rejected by Berta/i);
      late = await open();
      expect((await request()).votes).toHaveLength(1);
    });
    expect(late).toMatch(/^This is decided already: rejected by Berta/);
    expect(result).toMatchObject({
      status: 'FAILED',
      failure: { error: 'Rejected', cause: 'Berta: not on a Friday' },
      approvals: [{ decision: 'rejected', by: 'Berta', channel: 'slack', assurance: 'high' }],
    });
    expect(await untouched()).toBe(true);
    expect(await it.leaseOwner('production')).toBeUndefined();
    expect(it.deployed.cloud.inbox.messages().at(-1)).toMatchObject({ subject: 'REJECTED: shop production' });
    const [message] = it.deployed.cloud.slack.messages();
    expect(JSON.stringify(message?.blocks)).toContain('ended: REJECTED: shop production');
    expect(JSON.stringify(message?.blocks)).not.toContain('"actions"');
  });

  test('approved by the page that a mail leads to', async () => {
    const result = await run('production', files, ({ page }) => page(ada, 'approved', 'read it'));
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      approvals: [{ decision: 'approved', by: 'Ada', channel: 'mail', assurance: 'low' }],
    });
    expect(await untouched()).toBe(false);
  });

  test('approved by two people over two channels where the plan is dangerous, and not by one of them twice', async () => {
    const between: unknown[] = [];
    const result = await run('production', grave, async ({ page, slack, iam, request }) => {
      await page(ada, 'approved');
      await slack(ada, 'approved');
      await iam(keys.ada(), 'approved');
      const { votes, outcome, quorum } = await request();
      between.push(votes.length, outcome, quorum);
      expect(await slack(carl, 'approved', 'backup is there')).toBe('counted');
    });
    expect(between).toEqual([1, null, 2]);
    expect(result.status).toBe('SUCCEEDED');
    expect(result.approvals).toMatchObject([
      { by: 'Ada', channel: 'mail', assurance: 'low' },
      { by: 'Carl', channel: 'slack', assurance: 'high' },
    ]);
    Object.assign(files, grave);
  });

  test('approved after somebody has taken their word back, which stays on record', async () => {
    const dangerous = oneMore('CREATE SCHEMA brief; DROP SCHEMA brief;');
    const result = await run('production', dangerous, async ({ iam, page, request }) => {
      await iam(keys.ada(), 'approved', 'looks fine');
      await iam(keys.ada(), 'withdrawn');
      await page(berta, 'approved');
      expect(await request()).toMatchObject({ outcome: null });
      await iam(keys.carl('whatever-he-calls-it'), 'approved');
      await expect(iam(keys.carl(), 'withdrawn')).rejects.toThrow(/decided already/);
    });
    expect(result.approvals).toMatchObject([
      { by: 'Ada', decision: 'approved', withdrawnAt: expect.any(String) },
      { by: 'Berta', channel: 'mail' },
      { by: 'Carl', channel: 'iam', identity: 'arn:aws:sts::000000000000:assumed-role/OnCall/whatever-he-calls-it' },
    ]);
    expect(result.status).toBe('SUCCEEDED');
    Object.assign(files, dangerous);
  });

  test('brought to mind before it expires, and the link of the first mail still works', async () => {
    const more = oneMore();
    let old = '';
    let left = 0;
    const result = await run(
      'production',
      more,
      async ({ link }) => {
        old = await link(ada);
      },
      {
        again: async ({ link, request, environment }) => {
          left = new Date((await request()).expiresAt).getTime() - it.clock.now().getTime();
          expect(await link(ada, 'Still waiting')).not.toBe(old);
          await decideByPage(old, { decision: 'approved', environment, reason: '' });
        },
      },
    );
    expect(left / 3_600_000).toBeGreaterThan(1.9);
    expect(left / 3_600_000).toBeLessThanOrEqual(2);
    expect(result.status).toBe('SUCCEEDED');
    expect(
      it.deployed.cloud.slack.messages().some(({ threadTs, text }) => threadTs && /Still waiting/.test(text)),
    ).toBe(true);
    Object.assign(files, more);
  });

  test('expired when nobody decides in time, and a late click says so', async () => {
    let link = '';
    const result = await run('production', oneMore(), async (question) => {
      link = await question.link(ada);
    });
    expect(result).toMatchObject({ status: 'FAILED', failure: { error: 'ApprovalExpired' }, approvals: [] });
    expect(await it.leaseOwner('production')).toBeUndefined();
    await expect(decideByPage(link, { decision: 'approved', environment: 'production', reason: '' })).rejects.toThrow(
      /Too late: nobody decided before/,
    );
  });

  test('decided by lockstep local run in the name of as many approvers as it takes', async () => {
    const dangerous = oneMore('CREATE SCHEMA brief; DROP SCHEMA brief;');
    const result = await run('production', dangerous, async ({ message }) => {
      await message();
      await decideAsApprovers(it.deployed, it.pipeline('production'), 'approved', 'rehearsed');
    });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.approvals).toMatchObject([
      { by: 'Ada', channel: 'slack', reason: 'rehearsed' },
      { by: 'Berta', channel: 'slack' },
    ]);
    Object.assign(files, dangerous);
  });

  test('not answered by whoever sends the task token to Step Functions: nothing is touched', async () => {
    const { sfn } = it.deployed.clients;
    const result = await run('production', oneMore('CREATE TABLE smuggled (id int);'), async ({ run, request }) => {
      const { taskToken } = await request();
      const output = JSON.stringify({ decision: 'approved', at: new Date().toISOString(), by: 'Ada' });
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output }));
      expect(run).not.toBe('');
    });
    expect(result).toMatchObject({ status: 'FAILED', failure: { error: 'NotApproved' }, approvals: [] });
    expect(await it.sql('shop-production', 'shop', "SELECT to_regclass('smuggled') IS NULL")).toBe(true);
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn: result.execution }));
    expect(events.some(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === 'RollOut')).toBe(false);
  });
});
