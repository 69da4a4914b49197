import { describe, expect, it } from 'vitest';
import {
  breakGlassMail,
  lasting,
  line,
  type Mail,
  readable,
  requestMail,
  resultMail,
  startMail,
  until,
} from '../../lib/approval/mail.ts';
import type { Summary } from '../../lib/approval/summary.ts';
import type { ApprovalRequest, Vote } from '../../lib/ledger/request.ts';
import { asked, at, policy } from './request.ts';
import { beforehand } from './sample.ts';

const LINK = 'https://approve.example/approvals/AAAAAAAAAAAAAAAAAAAAAA';
const summary: Summary = {
  what: 'bring 3 migrations to 4 databases in 2 clusters',
  counts: { low: 1, medium: 1, high: 1 },
  risk: 'high',
  worst: { file: '0044_drop.sql', line: 2, sql: 'DROP TABLE carts CASCADE', reason: 'drops a table' },
  waves: 2,
  lint: '',
};
const mail = (request: Partial<ApprovalRequest> = {}, it: Partial<Parameters<typeof requestMail>[2]> = {}): Mail =>
  requestMail(asked(request), 'Ada', {
    ...{ summary, previous: null, link: LINK, reminder: false, now: at('09:00:00'), ...it },
  });
const vote = (more: Partial<Vote> = {}): Vote => ({
  ...{ decision: 'approved', by: 'Ada', reason: '', at: '2026-01-05T09:30:00.000Z', channel: 'mail' },
  ...{ assurance: 'low', identity: 'mail ada@example.com', ...more },
});

describe('the mail that asks', () => {
  it('says all that one has to know', () => {
    expect(mail({ risk: 'high', quorum: 2 }, { previous: beforehand })).toEqual({
      Subject: 'Approve: shop production, bring 3 migrations to 4 databases, 1 high risk',
      Message: [
        'Ada,',
        '',
        'arn:aws:sts::123456789012:assumed-role/Ci/job asks to bring 3 migrations to 4 databases in 2 clusters',
        'of shop in PRODUCTION, in 2 waves.',
        '',
        '  low 1    medium 1    high 1',
        '',
        'The most dangerous statement, 0044_drop.sql line 2, drops a table:',
        '    DROP TABLE carts CASCADE',
        '',
        'In staging it took 1 min 24 s of work, done on 4 Jan 2026, 17:03 UTC',
        '(run staging-20260104-1702 by ci, approved by Berta).',
        '',
        'Read every statement and decide before 5 Jan 2026, 10:00 UTC (in 1 h 0 min):',
        LINK,
        '',
        '2 approvals are needed, of Ada, Berta, Cleo.',
        '',
        "The link is yours: by it, it is you who decides. Don't pass it on. Opening it decides nothing.",
        `Run run-1, plan ${'b'.repeat(12)}.`,
        '',
      ].join('\n'),
    });
  });

  it('says that it is a reminder', () => {
    expect(mail({}, { reminder: true }).Subject).toMatch(/^Still waiting: shop production/);
  });

  it('says who does not count, and that the starter is not proven', () => {
    const { Message } = mail({ starter: null, barred: [{ person: 'Cleo', because: 'wrote one of its commits' }] });
    expect(Message).toContain('Somebody who says to be ci (not proven) asks to bring');
    expect(Message).toContain('One approval is needed, of Ada, Berta, Cleo.\nNot counted: Cleo, who wrote one of');
  });

  it('says how to approve where its link is not proof enough', () => {
    const weak = policy({ mailLinkIsEnough: false });
    const command = 'with\nlockstep approve production run-1\n';
    expect(mail({ policy: weak }).Message).toContain(`reject by it, but approve in Slack, or ${command}`);
    expect(mail({ policy: { ...weak, slack: null } }).Message).toContain(`reject by it, but approve ${command}`);
    expect(mail().Message).not.toContain('lockstep approve');
  });

  it('shows the beginning of a long statement', () => {
    const sql = Array.from({ length: 12 }, (_, row) => `line ${row + 1}`).join('\n');
    const { Message } = mail({}, { summary: { ...summary, worst: { ...summary.worst!, sql } } });
    expect(Message).toContain('    line 8\n    … 4 more lines\n');
    expect(Message).not.toContain('line 9');
  });
});

describe('the other mails', () => {
  it('say that a run has started', () => {
    const what = 'bring 1 migration to 2 databases in 2 clusters';
    expect(startMail({ service: 'shop', environment: 'staging', run: 'run-1', requestedBy: 'anna', what })).toEqual({
      Subject: 'Started: shop staging, bring 1 migration to 2 databases',
      Message: `anna has begun to ${what}\nof shop in staging.\n\nRun run-1.\n`,
    });
  });

  const where = { service: 'shop', environment: 'production', run: 'run-1' };

  it('say how a run ended, and on whose word', () => {
    const votes = [vote({ withdrawnAt: '2026-01-05T09:31:00.000Z' }), vote({ by: 'Berta', reason: 'as agreed' })];
    const request = asked({ votes, outcome: { decision: 'approved', at: '2026-01-05T09:40:00.000Z' } });
    expect(resultMail(where, { status: 'SUCCEEDED', failure: null, migrated: 2 }, request)).toEqual({
      Subject: 'SUCCEEDED: shop production',
      Message: [
        'Run run-1 of shop in production ended: SUCCEEDED.',
        '',
        '2 databases migrated.',
        '',
        'Approval: approved by Berta.',
        '  approved by Ada at 5 Jan 2026, 09:30 UTC, mail ada@example.com (low assurance), withdrawn',
        '  approved by Berta at 5 Jan 2026, 09:30 UTC, mail ada@example.com (low assurance): as agreed',
        '',
      ].join('\n'),
    });
  });

  it.each(['rejected', 'expired'] as const)('are about a run that was %s', (decision) => {
    const request = asked({ outcome: { decision, at: '2026-01-05T09:40:00.000Z' } });
    const result = { status: 'FAILED', failure: { error: 'Rejected', cause: 'Ada: no' }, migrated: 0 };
    expect(resultMail(where, result, request).Subject).toBe(`${decision.toUpperCase()}: shop production`);
  });

  it('are about a run that was stopped, whoever was still asked', () => {
    const request = asked({ outcome: { decision: 'stopped', at: '2026-01-05T09:40:00.000Z' } });
    const failure = { error: 'Stopped', cause: 'Somebody stopped the execution.' };
    const mail = resultMail(where, { status: 'STOPPED', failure, migrated: 0 }, request);
    expect(mail.Subject).toBe('STOPPED: shop production');
    expect(mail.Message).toContain('Approval: closed: the run ended before anybody decided.\n');
    expect(resultMail(where, { status: 'FAILED', failure, migrated: 0 }, request).Subject).toMatch(/^FAILED/);
  });

  it('say what failed, line by line, and what was taken back', () => {
    const failure = { error: 'MigrationFailed', cause: 'a/orders: broken\nb/orders: broken' };
    expect(resultMail(where, { status: 'FAILED', failure, migrated: null }, null).Message).toBe(
      'Run run-1 of shop in production ended: FAILED.\n\nHow many databases were reached is not known.\n\nMigrationFailed:\n    a/orders: broken\n    b/orders: broken\n',
    );
    const back = { status: 'SUCCEEDED', failure: null, migrated: 1, revert: 'run-0' };
    expect(resultMail(where, back, null).Message).toContain('1 database taken back to before run run-0.');
  });
});

describe('nobody writes a line or a link of their own into a mail', () => {
  const evil = 'x\r\nhttps://evil.example\u2028\u2029\u0085\u202ewww.evil.example\u0000';
  const hostile: Partial<ApprovalRequest> = {
    ...{ starter: null, requestedBy: evil, run: evil },
    barred: [{ person: evil, because: 'started the run' }],
    votes: [vote({ decision: 'rejected', reason: evil, by: 'Ada', identity: evil })],
    outcome: { decision: 'rejected', at: '2026-01-05T09:40:00.000Z' },
  };
  const previous = { ...beforehand, environment: evil, run: evil, requestedBy: evil, approvedBy: [evil] };
  const worst = {
    ...summary.worst!,
    file: evil,
    sql: `DROP TABLE a; -- ${evil}\n${LINK.replace('approve.', 'evil.')}`,
  };
  const where = { service: 'shop', environment: 'production', run: evil };
  const failure = { error: 'Rejected', cause: `Ada: ${evil}` };
  const what = 'bring 1 migration to 1 database in 1 cluster';

  const mails: [string, Mail, string[]][] = [
    ['asks', mail(hostile, { previous, summary: { ...summary, worst } }), [LINK]],
    ['reminds', mail(hostile, { previous, summary: { ...summary, worst }, reminder: true }), [LINK]],
    ['tells the start', startMail({ ...where, requestedBy: evil, what }), []],
    ['tells the end', resultMail(where, { status: 'FAILED', failure, migrated: 0, revert: evil }, asked(hostile)), []],
    ['tells of broken glass', breakGlassMail(asked(hostile), vote({ by: evil, reason: evil, breakGlass: true })), []],
  ];

  it.each(mails)('that %s', (_, { Message }, links) => {
    expect([...Message.matchAll(/\w+:\/\/\S+/g)].map(([it]) => it)).toEqual(links);
    expect(Message).not.toMatch(/\bwww\./);
    expect(Message).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
    for (const row of Message.split('\n').filter((it) => it.includes('evil'))) expect(row).toMatch(/^( {2}|\S.* )/);
  });

  it.each(mails)('nor into the subject of the one that %s, which stays one short line of ASCII', (_, { Subject }) => {
    expect(Subject).toMatch(/^[A-Za-z][\x20-\x7e]{0,98}$/);
  });

  it('however long it is', () => {
    const { Subject } = breakGlassMail(
      asked({ service: 'é'.repeat(90) }),
      vote({ by: 'n'.repeat(90), reason: evil, breakGlass: true }),
    );
    expect(Subject).toHaveLength(99);
    expect(Subject).toMatch(/^GLASS BROKEN: \?+$/);
  });
});

describe('words for people', () => {
  it('have times of day, of waiting and of work', () => {
    expect(readable('2026-11-21T05:59:30.000Z')).toBe('21 Nov 2026, 05:59 UTC');
    const waits = ['2026-01-05T09:12:59Z', '2026-01-05T12:12:00Z', '2026-01-07T11:00:00Z', '2026-01-05T08:00:00Z'];
    expect(waits.map((it) => until(it, at('09:00:00')))).toEqual([
      'in 12 min',
      'in 3 h 12 min',
      'in 2 d 2 h',
      'in 0 min',
    ]);
    expect([12.4, 4_321, 59_940, 125_400].map(lasting)).toEqual(['12 ms', '4.3 s', '59.9 s', '2 min 5 s']);
  });

  it('never show a minute of sixty seconds', () => {
    expect([59_960, 119_700, 179_500].map(lasting)).toEqual(['1 min 0 s', '2 min 0 s', '3 min 0 s']);
  });

  it('stay in one line', () => {
    expect(line('a\r\nb\u2028c\u200bd\te')).toBe('a b c d e');
  });
});
