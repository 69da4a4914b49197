import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { cluster, database } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { approvalPages, sampleBundle, TOKEN } from './harness.ts';

const { opened, sent } = approvalPages();

/** The page's text as one reads it, without tags and style. */
const readable = (html: string) =>
  html
    .replace(/<(style|title)>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');

it('shows who asks for what, until when, and by which digests', async () => {
  const { get, plan, planDigest } = await opened();
  const { status, text } = await get();
  expect(status).toBe(200);
  const page = readable(text);
  expect(page).toContain('shop · production');
  expect(page).toMatch(/anna asks to bring 2 migrations to 2 databases/);
  for (const shown of ['run-1', plan.digest, planDigest, '2026-01-05 10:00 UTC']) expect(page).toContain(shown);
});

it('shows every database with its wave and what is pending there', async () => {
  const page = readable((await (await opened()).get()).text);
  expect(page).toContain('1 tenants-a orders 1 002 – 003 (2)');
  expect(page).toContain('– tenants-b orders 3 nothing');
  expect(page).toContain('2 tenants-b billing 2 003');
});

it('shows every statement with its line, and the risk of its migration', async () => {
  const { text } = await (await opened()).get();
  const page = readable(text);
  expect(page).toContain('high 002_drop_carts.sql line 3 drops a table, schema or type with what it holds');
  expect(page).toContain("line 1 DELETE FROM carts WHERE note = '<b>&'; line 3 DROP TABLE carts;");
  expect(page).toContain(
    '003_index.sql adds without touching what is there; statement by statement, outside a transaction',
  );
  // Applied everywhere already.
  expect(page).not.toContain('001_create_orders.sql');
  expect(text.match(/<details open>/g)).toHaveLength(1);
});

it('says of a migration without statements that it has none', async () => {
  const [first, ...rest] = sampleBundle.migrations;
  const bundle = { ...sampleBundle, migrations: [{ ...first!, up: [] }, ...rest] };
  const { get } = await opened({ bundle, fleet: [cluster('a', database('orders', 0))] });
  expect(readable((await get()).text)).toContain(
    '001_create_orders.sql adds without touching what is there No statements.',
  );
});

it('marks production', async () => {
  expect((await (await opened()).get()).text).toContain('<body class="production">');
  expect((await (await opened({ environment: 'staging' })).get()).text).toContain('<body class="">');
});

it('spells out characters that would show SQL other than it is', async () => {
  const [first, ...rest] = sampleBundle.migrations;
  const up = [{ ...first!.up[0]!, sql: 'SELECT 1 /*\u202e } \u2066if admin\u2069 \u200b*/' }];
  const bundle = { ...sampleBundle, migrations: [{ ...first!, up }, ...rest] };
  const { get } = await opened({ bundle, fleet: [cluster('a', database('orders', 0))], requestedBy: 'anna\u202e' });
  const { text } = await get();
  expect(text).toContain('SELECT 1 /*⟨U+202E⟩ } ⟨U+2066⟩if admin⟨U+2069⟩ ⟨U+200B⟩*/;');
  expect(text).toContain('<strong>anna⟨U+202E⟩</strong>');
  expect(text).not.toMatch(/\p{Cf}/u);
});

it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])('decides nothing on %s', async (method) => {
  const pages = await opened();
  const before = await itemsOf(pages.ledger);
  const nonce = await pages.nonce();
  const form = new URLSearchParams({ nonce, decision: 'approved', by: 'Berta' });
  const body = method === 'GET' || method === 'HEAD' ? undefined : form;
  for (const path of [pages.path, `${pages.path}?${form}`]) await pages.get(path, { method, body });
  expect([await itemsOf(pages.ledger), sent()]).toEqual([before, []]);
});

it('decides nothing for the scanners of mail programs and chats, however often they look', async () => {
  const pages = await opened();
  const before = await itemsOf(pages.ledger);
  const scanners = [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
    'Slackbot-LinkExpanding 1.0',
    'BingPreview/1.0b',
    'Barracuda Sentinel',
  ];
  await Promise.all(
    Array.from({ length: 100 }, (_, n) => pages.get(pages.path, { headers: { 'user-agent': scanners[n % 4]! } })),
  );
  expect([await itemsOf(pages.ledger), sent()]).toEqual([before, []]);
});

it.each([
  ['well made but unknown', 'A'.repeat(22)],
  ['too short', 'A'.repeat(21)],
  ['too long', 'A'.repeat(5_000)],
  ['of other characters', `${'A'.repeat(21)}%20`],
  ['not even encoded properly', '%E0%A4%A'],
  ['climbing', '..%2F..%2Fruns'],
])('finds no request under an id that is %s', async (_, id) => {
  const pages = await opened();
  const nonce = await pages.nonce();
  for (const answer of [
    await pages.get(`/approvals/${id}`),
    await pages.post({ nonce, decision: 'approved', by: 'Berta' }, `/approvals/${id}`),
  ])
    expect([answer.status, readable(answer.text)]).toEqual([404, expect.stringContaining('No such request')]);
  expect([await pages.decision(), sent()]).toEqual([undefined, []]);
});

it('finds nothing elsewhere', async () => {
  const pages = await opened();
  for (const path of ['/', '/approvals', '/approvals/', `${pages.path}/`, `${pages.path}/x`]) {
    expect((await pages.get(path)).status).toBe(404);
  }
});

it('sends headers that keep a page from being kept, framed, or made to do anything else', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  const answers = [
    await pages.get(),
    await pages.get('/nowhere'),
    await pages.post({}),
    await pages.post({ nonce, decision: 'approved', by: 'Berta' }),
    await pages.get(),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 403, 200, 200]);
  for (const { headers, text } of answers) {
    const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toMatch(/^text\/html; charset=utf-8$/i);
    expect(headers.get('set-cookie')).toBeNull();
    // The policy would block these.
    expect(text).not.toMatch(/<script|\sstyle=|\son\w+=|src=|href=/i);
  }
});

it('never shows the task token', async () => {
  const pages = await opened();
  const nonce = await pages.nonce();
  const answers = [
    await pages.get(),
    await pages.post({ nonce, decision: 'approved', by: 'Berta' }),
    await pages.get(),
  ];
  for (const { text, headers } of answers) expect(text + JSON.stringify([...headers])).not.toContain(TOKEN);
});

it('says only that something went wrong when it did', async () => {
  vi.spyOn(console, 'error').mockImplementationOnce(() => {});
  const pages = await opened();
  delete pages.bucket.files['runs/run-1/plan.json'];
  const { status, text } = await pages.get();
  expect([status, readable(text)]).toEqual([500, expect.stringContaining('Nothing is known to have been decided.')]);
  expect(text).not.toContain('specified key');
});
