import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, type Question } from '../../lib/approval/ask.ts';
import type { Mail } from '../../lib/approval/mail.ts';
import type { Asked, Post } from '../../lib/approval/post.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { ApprovalRequest, Vote } from '../../lib/ledger/request.ts';
import { announce, changeRequest, getLink, getRequest, openRequest } from '../../lib/ledger/requests.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { bundleOf, cluster, database, inWavesOf, run } from '../fleet/samples.ts';
import { memoryTable } from './memory-table.ts';
import { asked, at, policy } from './request.ts';

const bundle = bundleOf('001', '002');
const { plan, planDigest } = makePlan(bundle, [cluster('a', database('orders', 1))], {
  ...{ service: 'shop', environment: 'production', digest: digest(bundle), rollout: inWavesOf(1) },
  ...{ policy: 'p', fleet: 'f', version: '1.0.0' },
});
const STARTER = 'arn:aws:sts::123456789012:assumed-role/Ci/job';
const POSTED = { channel: 'C0001', ts: '1.2', blocks: [] };

let logged = '';
beforeEach(() => {
  logged = '';
  vi.spyOn(console, 'error').mockImplementation((text) => {
    logged += text;
  });
});
afterEach(() => vi.restoreAllMocks());

const asking = async ({ announced = true, rules = policy() } = {}) => {
  const { table } = memoryTable();
  const clock = { now: at('09:00:00') };
  const mails: { to: string; mail: Mail }[] = [];
  const asks: (Asked & { request: ApprovalRequest })[] = [];
  const updates: ApprovalRequest[] = [];
  const delivered: ApprovalRequest[] = [];
  const post: Post = {
    mail: async ([to = ''], mail) => void mails.push({ to, mail }),
    ask: async (request, it) => {
      asks.push({ request, ...it });
      return request.slack ? null : POSTED;
    },
    update: async (request) => void updates.push(request),
    say: async () => {},
  };
  if (announced) {
    await announce(table, 'run-1', { arn: STARTER, digest: digest(bundle), authors: [], at: clock.now.toISOString() });
  }
  const question = (taskToken: string, more: Partial<Question> = {}): Question => ({
    ...{ run: run({ digest: digest(bundle) }), planDigest, asked: { plan, bundle, previous: null } },
    ...{ policy: rules, taskToken, expiresAt: at('10:00:00').toISOString(), ...more },
  });
  const around = {
    ...{ table, post, url: 'https://approve.example', now: () => clock.now },
    deliver: async (request: ApprovalRequest) => void delivered.push(request),
  };
  const links = () => mails.map(({ mail }) => /approvals\/([\w-]{22})\n/.exec(mail.Message)?.[1] ?? '');
  const put = (taskToken: string, more: Partial<Question> = {}) => ask(around, question(taskToken, more));
  const held = async () => (await getRequest(table, 'run-1'))!;
  const vote = (by: string, more: Partial<ApprovalRequest> = {}) =>
    changeRequest(table, 'run-1', (it) => ({ ...it, votes: [...it.votes, { ...ballot, by }], ...more }));
  return { table, clock, mails, asks, updates, delivered, post, around, question, links, put, held, vote };
};

const ballot: Vote = {
  ...{ decision: 'approved', by: 'Ada', reason: '', at: at('09:10:00').toISOString(), channel: 'mail' },
  ...{ assurance: 'low', identity: 'mail ada@example.com' },
};
const stopped = {
  outcome: { decision: 'stopped', at: at('09:10:00').toISOString() },
  deliveredAt: at('09:10:00').toISOString(),
} as const;
const approved = { outcome: { decision: 'approved', at: at('09:10:00').toISOString() } } as const;

describe('a question that is put for the first time', () => {
  it('becomes one request, bound to the plan, with a key of its own', async () => {
    const { put, held } = await asking();
    await put('token-1');
    expect(await held()).toMatchObject({
      ...{ run: 'run-1', service: 'shop', environment: 'production', digest: digest(bundle), planDigest, risk: 'low' },
      ...{ starter: STARTER, approvers: ['Ada', 'Berta', 'Cleo'], quorum: 1, taskToken: 'token-1', outcome: null },
      ...{ expiresAt: at('10:00:00').toISOString(), formKey: expect.stringMatching(/^[\w-]{43}$/), slack: POSTED },
    });
  });

  it('gets to everybody who may decide, each with a link of their own', async () => {
    const { put, mails, links, table } = await asking();
    await put('token-1');
    expect(mails.map(({ to }) => to)).toEqual(['Ada', 'Berta', 'Cleo']);
    expect(mails[0]!.mail.Subject).toMatch(/^Approve: shop production/);
    expect(new Set(links()).size).toBe(3);
    expect(await Promise.all(links().map((it) => getLink(table, it)))).toMatchObject([
      ...[{ run: 'run-1', person: 'Ada' }, { person: 'Berta' }, { person: 'Cleo' }],
    ]);
  });

  it('gets to Slack with a link by which nobody decides', async () => {
    const { put, asks, table } = await asking();
    await put('token-1');
    expect(asks).toMatchObject([{ reminder: false, request: { run: 'run-1' } }]);
    expect(await getLink(table, asks[0]!.link.split('/').at(-1)!)).toMatchObject({ person: null });
  });

  it('asks nobody in Slack where the policy has none', async () => {
    const { put, asks, held } = await asking({ rules: policy({ slack: null }) });
    await put('token-1');
    expect(asks).toEqual([]);
    expect(await held()).toMatchObject({ slack: null });
  });

  it('is no question if it can not be sent', async () => {
    const { around, question } = await asking({ rules: policy({ slack: null }) });
    const mail = () => Promise.reject(new Error('no mail today'));
    await expect(ask({ ...around, post: { ...around.post, mail } }, question('token-1'))).rejects.toThrow('no mail');
  });

  it('is one if a way to people fails and enough of them hear of it by another', async () => {
    const { around, question, mails, asks, held } = await asking();
    const refused = () => Promise.reject(new Error('not today'));
    await ask({ ...around, post: { ...around.post, ask: refused } }, question('token-1'));
    expect([mails.length, (await held()).outcome]).toEqual([3, null]);
    await ask({ ...around, post: { ...around.post, mail: refused } }, question('token-1'));
    expect(asks).toHaveLength(1);
    expect(logged).toContain('not everybody could be asked');
  });

  it('is none if fewer hear of it than have to approve', async () => {
    const rule = { approvals: 2, by: ['dba', 'Cleo'] };
    const rules = policy({ slack: null, rules: { low: rule, medium: rule, high: rule } });
    const { around, question } = await asking({ rules });
    const onlyCleo = async ([to = '']: string[]) => {
      if (to !== 'Cleo') throw new Error(`no mail to ${to}`);
    };
    const post = { ...around.post, mail: onlyCleo };
    await expect(ask({ ...around, post }, question('token-1'))).rejects.toThrow('no mail to Ada');
  });

  it('has in Slack what was decided while it was being written there', async () => {
    const it = await asking({ rules: policy({ rules: { ...policy().rules, low: { approvals: 2, by: ['dba'] } } }) });
    const post: Post = {
      ...it.post,
      ask: async () => {
        await it.vote('Ada');
        return POSTED;
      },
    };
    await ask({ ...it.around, post }, it.question('token-1'));
    expect(it.updates).toMatchObject([{ slack: POSTED, votes: [{ by: 'Ada' }] }]);
  });
});

describe('a question that is put again', () => {
  it('with the same token asks again, and stays one', async () => {
    const { put, mails, held } = await asking();
    await put('token-1');
    const { formKey } = await held();
    await put('token-1');
    expect(mails.map(({ mail }) => mail.Subject.split(':')[0])).toEqual(Array(6).fill('Approve'));
    expect(await held()).toMatchObject({ formKey, taskToken: 'token-1', votes: [] });
  });

  it('with a new token reminds those who have not approved, with new links beside the old ones', async () => {
    const { put, mails, links, held, table, vote } = await asking({
      rules: policy({ rules: { ...policy().rules, low: { approvals: 2, by: ['dba', 'Cleo'] } } }),
    });
    await put('token-1');
    await vote('Ada');
    await put('token-2');
    expect(mails.slice(3).map(({ to, mail }) => [to, mail.Subject.split(':')[0]])).toEqual([
      ['Berta', 'Still waiting'],
      ['Cleo', 'Still waiting'],
    ]);
    expect(new Set(links()).size).toBe(5);
    for (const link of links()) expect(await getLink(table, link)).toMatchObject({ run: 'run-1' });
    expect(await held()).toMatchObject({ taskToken: 'token-2', votes: [{ by: 'Ada' }] });
  });

  it('reminds whoever has withdrawn', async () => {
    const { put, mails, table } = await asking();
    await put('token-1');
    await changeRequest(table, 'run-1', (it) => ({ ...it, votes: [{ ...ballot, withdrawnAt: ballot.at }] }));
    await put('token-2');
    expect(mails.slice(3).map(({ to }) => to)).toEqual(['Ada', 'Berta', 'Cleo']);
  });

  it('waits on if a reminder can not be sent: who was asked can answer', async () => {
    const { put, around, question, held } = await asking();
    await put('token-1');
    const mail = () => Promise.reject(Object.assign(new Error('secret'), { name: 'InternalErrorException' }));
    await ask({ ...around, post: { ...around.post, mail } }, question('token-2'));
    expect(await held()).toMatchObject({ taskToken: 'token-2', outcome: null });
    expect(logged).toMatch(/"error":"InternalErrorException","message":"[^"]*reminded"/);
    expect(logged).not.toContain('secret');
  });

  it('stays what it was, whatever is deployed or announced meanwhile', async () => {
    const { put, held } = await asking();
    await put('token-1');
    const nobody = policy({ rules: { ...policy().rules, low: { approvals: 2, by: ['Dora'] } } });
    await put('token-2', { policy: nobody });
    expect(await held()).toMatchObject({ quorum: 1, approvers: ['Ada', 'Berta', 'Cleo'], taskToken: 'token-2' });
  });

  it('is answered at once if it was decided while nobody waited', async () => {
    const { put, vote, delivered, mails } = await asking();
    await put('token-1');
    await vote('Ada', approved);
    await put('token-2');
    expect(delivered).toMatchObject([{ taskToken: 'token-2', outcome: { decision: 'approved' }, deliveredAt: null }]);
    expect(mails).toHaveLength(3);
  });

  it('is answered even if an earlier wait was: who waits now has heard nothing', async () => {
    const { put, vote, delivered } = await asking();
    await put('token-1');
    await vote('Ada', { ...approved, deliveredAt: at('09:11:00').toISOString() });
    await put('token-2');
    expect(delivered).toMatchObject([{ taskToken: 'token-2', deliveredAt: null }]);
  });

  it('is open again when the run was stopped and goes on after all', async () => {
    const { put, held, vote, delivered } = await asking();
    await put('token-1');
    await vote('Ada', stopped);
    expect(await put('token-2')).toMatchObject({ turn: 'reminded' });
    expect(await held()).toMatchObject({ taskToken: 'token-2', outcome: null, deliveredAt: null });
    expect(delivered).toEqual([]);
  });

  it('stays closed when the step that asked is only tried again after the run was stopped', async () => {
    const { put, vote } = await asking();
    await put('token-1');
    await vote('Ada', stopped);
    expect(await put('token-1')).toMatchObject({ turn: 'closed', request: { outcome: { decision: 'stopped' } } });
  });

  it('is closed when its time is over, and asks nobody any more', async () => {
    const { put, held, delivered, mails, asks, clock } = await asking();
    await put('token-1');
    clock.now = at('10:00:00');
    await put('token-2');
    expect(await held()).toMatchObject({ outcome: { decision: 'expired', at: at('10:00:00').toISOString() } });
    expect(delivered).toMatchObject([{ taskToken: 'token-2', outcome: { decision: 'expired' } }]);
    expect([mails.length, asks.length]).toEqual([3, 1]);
  });
});

describe('who decides', () => {
  const only = (approvals: number, ...by: string[]) => policy({ rules: { ...policy().rules, low: { approvals, by } } });

  it('are one more than the rule says where nobody announced the run', async () => {
    const { put, held, mails } = await asking({ announced: false });
    await put('token-1');
    expect(await held()).toMatchObject({ starter: null, quorum: 2 });
    expect(mails[0]!.mail.Message).toContain('Somebody who says to be anna (not proven)');
  });

  it('are one more where another bundle was announced under that name', async () => {
    const { put, held, table } = await asking({ announced: false });
    const authors = ['cleo-codes'];
    await announce(table, 'run-1', { arn: STARTER, digest: 'e'.repeat(64), authors, at: at('08:00:00').toISOString() });
    await put('token-1');
    expect(await held()).toMatchObject({ starter: null, quorum: 2, authors: [], barred: [] });
  });

  it('are neither who started the run nor who wrote its commits', async () => {
    const { put, held, table, mails } = await asking({ announced: false });
    const arn = 'arn:aws:sts::123456789012:assumed-role/Ada/whoever';
    const it = { digest: digest(bundle), authors: ['Cleo-Codes'], at: at('08:00:00').toISOString() };
    await announce(table, 'run-1', { arn, ...it });
    await put('token-1');
    expect(await held()).toMatchObject({ approvers: ['Berta'], barred: [{ person: 'Ada' }, { person: 'Cleo' }] });
    expect(mails.map(({ to }) => to)).toEqual(['Berta']);
  });

  it('have to be enough, before anybody is asked', async () => {
    const { put, table, mails, asks } = await asking({ announced: false, rules: only(1, 'Berta') });
    await expect(put('token-1')).rejects.toMatchObject({
      name: 'TooFewApprovers',
      message:
        '2 have to approve, and only Berta may. Nobody announced this run, so one more has to approve than the rule says: start it with lockstep.',
    });
    expect(await getRequest(table, 'run-1')).toBeUndefined();
    expect([mails, asks]).toEqual([[], []]);
  });

  it('are not made fewer by an answer that was lost: what is in the ledger holds', async () => {
    const { put, table, held } = await asking();
    await openRequest(table, asked({ planDigest, quorum: 3, taskToken: 'token-1' }));
    await put('token-1');
    expect(await held()).toMatchObject({ quorum: 3 });
  });
});
