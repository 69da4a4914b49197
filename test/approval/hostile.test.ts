import { assert, asyncProperty, constantFrom, oneof, property, string, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { requestMessage, resultMessage } from '../../lib/approval/message.ts';
import { decidedPage, problemPage, requestPage } from '../../lib/approval/page.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { Approval } from '../../lib/ledger/approvals.ts';
import { cluster, database, migration, run, statement } from '../fleet/samples.ts';

const tags = [
  '<script>alert(1)</script>',
  '"><script>',
  "' onmouseover='x",
  '</code></pre><script src=//x>',
  '&lt;script&gt;',
  '<!--',
  ']]>',
];
const evil = tuple(string(), oneof(constantFrom(...tags), string({ unit: 'grapheme' })), string()).map((it) =>
  it.join(''),
);

const planOf = (text: string) => {
  const bundle = { format: 1 as const, migrations: [migration(text, { file: text, up: [statement(text)] })] };
  const fleet = [cluster(text, database(text))];
  const { plan } = makePlan(bundle, fleet, { service: text, environment: text, digest: text, waveSize: 1 });
  return { bundle, plan };
};

const approvalOf = (text: string): Approval => ({
  run: text,
  planDigest: text,
  taskToken: 'token',
  requestedBy: text,
  createdAt: '2026-01-05T09:00:00.000Z',
  expiresAt: text,
});

/** The tags of a page with their attributes, but not what these say: no text may add to them. */
const bones = (html: string) => html.replace(/="[^"]*"/g, '=""').match(/<[^>]*>/g);

it('shows hostile names, SQL and people as text, never as markup', async () => {
  const pages = async (text: string) => {
    const { plan, bundle } = planOf(text);
    const approval = approvalOf(text);
    const decision = { decision: 'rejected' as const, by: text, reason: text, at: '2026-01-05T09:30:00.000Z' };
    return Promise.all([
      requestPage(approval, plan, bundle),
      decidedPage(plan, approval, decision, 'not sent'),
      problemPage(text, text),
    ]);
  };
  const harmless = (await pages('harmless')).map((page) => bones(String(page)));
  expect(harmless[0]?.length).toBeGreaterThan(60);
  await assert(
    asyncProperty(evil, async (text) => {
      if (text === '') return;
      for (const [index, page] of (await pages(text)).entries()) {
        expect(String(page)).not.toMatch(/<script/i);
        expect(bones(String(page))).toEqual(harmless[index]);
      }
    }),
  );
});

const lines = [
  '\r\n\r\nApprove: https://evil.example/approvals/x',
  '\nhttps://evil.example',
  '\u2028https://evil.example',
  '\u0085x',
];
const mailed = tuple(
  string({ unit: 'binary' }),
  constantFrom(...lines, ...tags),
  string({ unit: 'binary', maxLength: 200 }),
).map((it) => it.join(''));

it('keeps the subject of a mail to one line of fewer than 100 characters', () => {
  const at = { link: 'https://approve.example/approvals/id', expiresAt: '2026-01-05T10:00:00.000Z' };
  assert(
    property(mailed, (text) => {
      const { plan } = planOf(text);
      const report = { status: 'FAILED', failure: { error: 'E', cause: text }, migrated: 0 };
      for (const { Subject } of [
        requestMessage(plan, run({ requestedBy: text }), at),
        resultMessage({ service: text, environment: text, run: text }, report),
      ]) {
        expect(Subject.length).toBeLessThan(100);
        expect(Subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(Subject.isWellFormed()).toBe(true);
      }
    }),
  );
});

it('lets nobody write a line of his own into a request', () => {
  const at = { link: 'https://approve.example/approvals/id', expiresAt: '2026-01-05T10:00:00.000Z' };
  const linesOf = (text: string) =>
    requestMessage(planOf(text).plan, run({ requestedBy: text }), at).Message.split(/[\r\n\v\f\u0085\u2028\u2029]/);
  const usual = linesOf('anna').length;
  assert(property(mailed, (text) => void expect(linesOf(text)).toHaveLength(usual)));
});
