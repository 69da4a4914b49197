import { describe, expect, it } from 'vitest';
import { escaped, messageBlocks, messageText, questionBlocks } from '../../../lib/approval/slack/blocks.ts';
import type { Summary } from '../../../lib/approval/summary.ts';
import { asked, at, policy } from '../request.ts';

const summary: Summary = {
  what: 'bring 3 migrations to 4 databases in 2 clusters',
  counts: { low: 1, medium: 1, high: 1 },
  risk: 'high',
  worst: { file: '0002_drop.sql', line: 3, sql: 'DROP TABLE carts', reason: 'drops a table' },
  waves: 2,
  lint: '',
};
const link = 'https://approve.example.com/approvals/AAAAAAAAAAAAAAAAAAAAAA';
const question = (more: Partial<Summary> = {}) =>
  questionBlocks(asked(), { summary: { ...summary, ...more }, previous: null, link });
const vote = {
  by: 'Ada',
  reason: 'ok',
  at: at('09:10:00').toISOString(),
  channel: 'slack',
  assurance: 'high',
  identity: 'slack T/U',
} as const;

describe('the message in Slack', () => {
  it('says what, where, how dangerous and until when, with buttons while somebody may decide', () => {
    const text = JSON.stringify(messageBlocks(asked(), question()));
    for (const said of [
      'shop · PRODUCTION',
      'bring 3 migrations',
      'DROP TABLE carts',
      'high 1',
      'Approve for production',
      link,
    ])
      expect(text).toContain(said);
  });

  it('mentions those who approve, where Slack knows them', () => {
    const text = (request: ReturnType<typeof asked>) =>
      JSON.stringify(questionBlocks(request, { summary, previous: null, link }));
    expect(text(asked())).toContain('1, of <@UADA0001>, <@UBERTA01>, Cleo');
    const slack = { mode: 'webhook' as const, secret: 'lockstep/slack', team: null, channel: null };
    expect(text(asked({ policy: policy({ slack }) }))).toContain('1, of Ada, Berta, Cleo');
  });

  it('has no buttons any more once it is decided, and tells who decided when', () => {
    const done = asked({ votes: [{ ...vote, decision: 'approved' }], outcome: { decision: 'approved', at: vote.at } });
    const blocks = messageBlocks(done, question(), 'Run run-1 SUCCEEDED');
    expect(blocks.map(({ type }) => type)).not.toContain('actions');
    expect(JSON.stringify(blocks)).toContain('approved* by Ada, 5 Jan 2026, 09:10 UTC');
    expect(JSON.stringify(blocks)).toContain('SUCCEEDED');
    expect(messageText(done)).toBe('shop production: approved by Ada');
  });

  it('never carries the task token or the form key', () => {
    const text = JSON.stringify(messageBlocks(asked(), question()));
    expect([asked().taskToken, asked().formKey].filter((it) => text.includes(it))).toEqual([]);
  });

  it('lets no name, reason or SQL mention anybody, link anywhere or leave its block', () => {
    expect(escaped('<!channel> <@U1> <https://evil|x> *b* `c`')).not.toMatch(/<|(?<!\u200b)[*`]/);
    const sql = `SELECT '\`\`\` <!here> \`\`\`'`;
    const text = JSON.stringify(question({ worst: { ...summary.worst!, sql } }));
    expect(text).not.toContain('<!here>');
    expect(text.match(/```/g)).toHaveLength(2);
  });

  it("stays below Slack's limits whatever it is given", () => {
    const long = 'x'.repeat(10_000);
    const request = asked({
      environment: long.slice(0, 200),
      votes: Array.from({ length: 20 }, () => ({ ...vote, decision: 'approved' as const, reason: long })),
    });
    const blocks = messageBlocks(
      request,
      questionBlocks(request, {
        summary: { ...summary, worst: { file: long, line: 1, sql: long, reason: 'r' } },
        previous: null,
        link,
      }),
    );
    expect(blocks.length).toBeLessThanOrEqual(50);
    const texts = JSON.stringify(blocks, (key, value) =>
      key === 'text' && typeof value === 'string' && value.length > 3000 ? 'TOO LONG' : value,
    );
    expect(texts).not.toContain('TOO LONG');
  });
});
