import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { APPROVE, REASON, REJECT } from '../../lib/approval/slack/blocks.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { approvers, type Question, until } from './approvers.ts';
import { ada, berta, people } from './shop/people.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const state = mkdtempSync(join(tmpdir(), 'lockstep-state-'));
const it = stage({ environments: 'production' }, { app: 'test/e2e/shop', state });
afterAll(() => rmSync(state, { recursive: true, force: true }));
const { run, keys } = approvers(it);

const files: Record<string, string> = {};
const nextFiles = () => {
  const number = String(Object.keys(files).length + 1).padStart(3, '0');
  return { ...files, [`${number}_more.sql`]: 'SELECT 1;' };
};

/** How often the run was told something by its task token. */
const told = async (executionArn: string): Promise<(string | undefined)[]> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await it.deployed.clients.sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events
    .filter((event) => {
      const details = event.taskSucceededEventDetails ?? event.taskFailedEventDetails;
      return details?.resource === 'invoke.waitForTaskToken';
    })
    .map(({ type }) => type);
};

const logOf = (part: string): string =>
  readdirSync(join(state, 'logs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes(part))
    .map((file) => readFileSync(join(state, 'logs', file), 'utf8'))
    .join('');

describe('a hundred clicks at once from pages, Slack and IAM', () => {
  test.each([1, 2])('come to one decision, and the run is told once, time %i', async (round) => {
    let answers: string[] = [];
    let request: Awaited<ReturnType<Question['request']>> | undefined;
    const before = logOf('SlackDecision').split('"decided"').length;
    const result = await run('production', nextFiles(), async (question) => {
      await question.message();
      const { planDigest } = await question.request();
      const held = [keys.ada(), keys.berta(), keys.carl()];
      const clicks = await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          const decision = (at + round) % 2 === 0 ? ('approved' as const) : ('rejected' as const);
          const person = people[at % 3]!;
          if (at < 34) return pageClick(question, person, decision);
          if (at < 67) return () => slackClick({ run: question.run, planDigest }, person.slack!, decision, at);
          return () =>
            question.iam(held[at % 3]!, decision, 'at once').then(
              ({ result }) => String(result),
              (error: Error) => error.message,
            );
        }),
      );
      answers = await Promise.all(clicks.toSorted(() => Math.random() - 0.5).map((click) => click()));
      // Those from Slack are answered first and taken afterwards.
      await until(() => (logOf('SlackDecision').split('"decided"').length - before === 33 ? true : undefined));
      request = await question.request();
    });
    const { votes = [], outcome, deliveredAt } = request ?? {};
    expect(votes).toHaveLength(1);
    expect(votes[0]?.decision).toBe(outcome?.decision);
    expect(deliveredAt).not.toBeNull();
    expect(await told(result.execution)).toEqual([outcome?.decision === 'approved' ? 'TaskSucceeded' : 'TaskFailed']);
    expect(result.failure?.error ?? 'approved').toBe(outcome?.decision === 'approved' ? 'approved' : 'Rejected');
    const counted = answers.filter((it) => it === 'counted' || it === 'page: counted').length;
    expect(counted + (votes[0]?.channel === 'slack' ? 1 : 0)).toBe(1);
    for (const answer of answers) expect(answer).toMatch(ANSWER);
    if (result.status === 'SUCCEEDED') Object.assign(files, nextFiles());
  });

  const ANSWER =
    /^(counted|repeated|slack: 200|page: (counted|200|409)|This is decided already: (approved|rejected) by \w+.*)$/;
});

describe('a function that dies', () => {
  const dying = (fault: string) => it.deployed.cloud.inject(parseFaults(`states:SendTaskSuccess:${fault}:crash@1`));

  test('between writing a decision and telling the run is made good by the next click', async () => {
    let between: unknown;
    const result = await run('production', nextFiles(), async ({ page, request }) => {
      const end = dying('before');
      await expect(page(ada, 'approved')).rejects.toThrow(/answered 50\d/);
      const { outcome, deliveredAt } = await request();
      between = { struck: end(), decision: outcome?.decision, deliveredAt };
      await page(ada, 'approved');
    });
    expect(between).toEqual({ struck: 1, decision: 'approved', deliveredAt: null });
    expect(result).toMatchObject({ status: 'SUCCEEDED', approvals: [{ by: 'Ada' }] });
    expect(await told(result.execution)).toEqual(['TaskSucceeded']);
    Object.assign(files, nextFiles());
  });

  test('there is made good by the reminder, if nobody clicks', async () => {
    let end = () => 0;
    const result = await run('production', nextFiles(), async ({ iam }) => {
      end = dying('before');
      await expect(iam(keys.berta(), 'approved')).rejects.toThrow();
    });
    expect(end()).toBe(1);
    expect(result).toMatchObject({ status: 'SUCCEEDED', approvals: [{ by: 'Berta', channel: 'iam' }] });
    expect(await told(result.execution)).toEqual(['TaskSucceeded']);
    Object.assign(files, nextFiles());
  });

  test('after the run was told does not tell it twice', async () => {
    let answer = '';
    const result = await run('production', nextFiles(), async ({ page, iam }) => {
      const end = dying('after');
      await expect(page(ada, 'approved')).rejects.toThrow(/answered 50\d/);
      end();
      answer = (await iam(keys.berta(), 'rejected', 'too late').catch((error: Error) => error.message)) as string;
    });
    expect(answer).toBe('This is decided already: approved by Ada.');
    expect(result.status).toBe('SUCCEEDED');
    expect(await told(result.execution)).toEqual(['TaskSucceeded']);
    Object.assign(files, nextFiles());
  });

  test("with a decision from Slack is made good by Lambda's own second try", async () => {
    let end = () => 0;
    const result = await run('production', nextFiles(), async ({ slack }) => {
      end = dying('before');
      await slack(berta, 'approved');
    });
    expect(end()).toBe(1);
    expect(result).toMatchObject({ status: 'SUCCEEDED', approvals: [{ by: 'Berta', channel: 'slack' }] });
    expect(await told(result.execution)).toEqual(['TaskSucceeded']);
  });
});

/** Opens the page; gives what sends its form. */
const pageClick = async (question: Question, person: (typeof people)[number], decision: string) => {
  const link = await question.link(person);
  const nonce = (await (await fetch(link)).text()).match(/name="nonce" value="([^"]+)"/)?.[1] ?? '';
  const { environment } = question;
  return async () => {
    const form = new URLSearchParams({ nonce, decision, environment, reason: 'at once' });
    const answer = await fetch(link, { method: 'POST', body: form });
    const html = await answer.text();
    return `page: ${/\bRecorded\b/.test(html) ? 'counted' : answer.status}`;
  };
};

/** Sends what Slack sends of a modal, signed as Slack signs. */
const slackClick = async (
  value: { run: string; planDigest: string },
  user: string,
  decision: 'approved' | 'rejected',
  at: number,
): Promise<string> => {
  const [workspace] = it.deployed.cloud.slack.workspaces();
  const payload = {
    type: 'view_submission',
    team: { id: workspace!.team.id },
    user: { id: user },
    trigger_id: String(at),
    view: {
      callback_id: decision === 'approved' ? APPROVE : REJECT,
      private_metadata: JSON.stringify(value),
      state: { values: { [REASON]: { [REASON]: { type: 'plain_text_input', value: 'at once' } } } },
    },
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(it.clock.now().getTime() / 1000));
  const mac = createHmac('sha256', workspace!.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  const { status } = await fetch(workspace!.requestUrl!, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    },
    body,
  });
  return `slack: ${status}`;
};
