import { describe, expect, test, vi } from 'vitest';
import { approvers, type Keys, type Question } from './approvers.ts';
import { ada, berta, carl } from './shop/people.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({ environments: 'production,duo' }, { app: 'test/e2e/shop' });
const { run, runUnannounced, keys } = approvers(it);

const files: Record<string, string> = {};
const nextFiles = () => {
  const number = String(Object.keys(files).length + 1).padStart(3, '0');
  files[`${number}_more.sql`] = 'SELECT 1;';
  return { ...files };
};

/** All that somebody can try who may not approve; gives what they were told. */
const tries = async ({ slack, iam, mails }: Question, person: typeof ada, all: Keys[]) => {
  const told = [await slack(person, 'approved', 'it is mine')];
  for (const held of all) told.push(await iam(held, 'approved').then(String, (error: Error) => error.message));
  return { told: [...new Set(told)], mails: mails(person).length };
};

describe('whoever started a run never approves it:', () => {
  test('a user of IAM, who is the same person in Slack and by mail', async () => {
    let tried: unknown;
    const result = await run(
      'production',
      nextFiles(),
      async (question) => {
        tried = await tries(question, ada, [keys.ada()]);
        await question.slack(berta, 'approved');
      },
      { as: keys.ada() },
    );
    expect(tried).toEqual({ told: ['Ada started the run, so somebody else has to approve it.'], mails: 0 });
    expect(result.approvals.map(({ by }) => by)).toEqual(['Berta']);
    expect(result.status).toBe('SUCCEEDED');
  });

  test('a session of a role, while other sessions of that role are nobody', async () => {
    let tried: unknown;
    let other: unknown;
    const result = await run(
      'production',
      nextFiles(),
      async (question) => {
        tried = await tries(question, berta, [keys.berta()]);
        const session = it.deployed.cloud.createRole({ name: 'Admin', statements: ANYTHING }).session('mallory');
        other = await question.iam(session, 'approved').catch((error: Error) => error.message);
        await question.page(ada, 'approved');
      },
      { as: keys.berta() },
    );
    expect(tried).toEqual({ told: ['Berta started the run, so somebody else has to approve it.'], mails: 0 });
    expect(other).toMatch(/assumed-role\/Admin\/mallory is nobody whom the policy of production names/);
    expect(result.approvals.map(({ by }) => by)).toEqual(['Ada']);
  });

  test('a role, whatever name its sessions are given', async () => {
    let tried: unknown;
    const result = await run(
      'production',
      nextFiles(),
      async (question) => {
        tried = await tries(question, carl, [keys.carl('monday'), keys.carl('ada@example.com')]);
        await question.iam(keys.ada(), 'approved');
      },
      { as: keys.carl('friday') },
    );
    expect(tried).toEqual({ told: ['Carl started the run, so somebody else has to approve it.'], mails: 0 });
    expect(result.approvals).toMatchObject([{ by: 'Ada', channel: 'iam', assurance: 'high' }]);
  });

  test('nor does whoever wrote its commits, by mail address or by login', async () => {
    for (const author of ['ADA@example.com', 'ada-l']) {
      let tried: unknown;
      const result = await run(
        'production',
        nextFiles(),
        async (question) => {
          tried = await tries(question, ada, [keys.ada()]);
          await question.page(carl, 'approved');
        },
        { as: keys.stranger(), authors: [author, 'somebody@example.com'] },
      );
      expect(tried).toEqual({ told: ['Ada wrote one of its commits, so somebody else has to approve it.'], mails: 0 });
      expect(result.approvals.map(({ by }) => by)).toEqual(['Carl']);
    }
  });

  test('may reject it, though', async () => {
    const result = await run('production', nextFiles(), ({ iam }) => iam(keys.ada(), 'rejected', 'a mistake'), {
      as: keys.ada(),
    });
    expect(result.failure).toEqual({ error: 'Rejected', cause: 'Ada: a mistake' });
  });
});

describe('where nobody announced a run', () => {
  test('one more has to approve it than the rule says', async () => {
    const seen: unknown[] = [];
    const report = await runUnannounced('production', 'by-hand', nextFiles(), async ({ page, slack, request }) => {
      await page(ada, 'approved');
      const { quorum, outcome, starter } = await request();
      seen.push(quorum, outcome, starter);
      await slack(berta, 'approved');
    });
    expect(seen).toEqual([2, null, null]);
    expect(report.approvals.map(({ by }) => by)).toEqual(['Ada', 'Berta']);
    expect(report.status).toBe('SUCCEEDED');
  });

  test('it is refused at once if there are not so many people, who hear of that, and are asked nothing', async () => {
    const report = await runUnannounced('duo', 'by-hand', nextFiles(), () => Promise.reject(new Error('was asked')));
    expect(report.failure?.error).toBe('TooFewApprovers');
    expect(report.failure?.cause).toMatch(/3 have to approve, and only Ada, Berta may.*start it with lockstep/);
    const { subject, to } = it.deployed.cloud.inbox.messages().at(-1)!;
    expect([subject, to?.endpoint]).toEqual(['FAILED: shop duo', expect.stringMatching(/@example\.com$/)]);
  });
});

describe('a quorum of two', () => {
  test('needs two people, by however many channels one of them says it', async () => {
    const seen: unknown[] = [];
    const result = await run(
      'duo',
      nextFiles(),
      async ({ page, slack, iam, request }) => {
        await slack(ada, 'approved');
        await page(ada, 'approved');
        await iam(keys.ada(), 'approved');
        seen.push((await request()).votes.length);
        await iam(keys.berta(), 'approved');
      },
      { as: keys.stranger() },
    );
    expect(seen).toEqual([1]);
    expect(result.approvals.map(({ by, channel }) => `${by} ${channel}`)).toEqual(['Ada slack', 'Berta iam']);
  });

  test('is not to be had where one of the two has started it', async () => {
    const result = await run('duo', nextFiles(), () => Promise.reject(new Error('was asked')), { as: keys.ada() });
    expect(result.failure?.error).toBe('TooFewApprovers');
    expect(result.failure?.cause).toMatch(/2 have to approve, and only Berta may\. Ada started the run/);
    expect(await it.leaseOwner('duo')).toBeUndefined();
  });
});

const ANYTHING = [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }];
