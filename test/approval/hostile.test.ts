import { SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { assert, asyncProperty, constantFrom, oneof, string, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { approvalApp } from '../../lib/approval/approval-app.ts';
import { migrationPage } from '../../lib/approval/page/migration-page.ts';
import { problemPage } from '../../lib/approval/page/problem-page.ts';
import { requestPage } from '../../lib/approval/page/request-page.ts';
import { visible } from '../../lib/approval/page/visible.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleKey, objects, runKey } from '../../lib/ledger/objects.ts';
import { getRequest, openRequest, putLink } from '../../lib/ledger/requests.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { dice } from '../chaos/dice.ts';
import { cluster, database, inWavesOf, migration, statement } from '../fleet/samples.ts';
import { memoryBucket } from '../ledger/harness.ts';
import { memoryTable } from './memory-table.ts';
import { asked, at, policy } from './request.ts';
import { beforehand, sampleBundle, sampleFleet } from './sample.ts';

const sfn = mockClient(SFNClient);
sfn.onAnyCommand().resolves({});

/** Two requests, of production and staging, in a ledger in memory, with two people's links each. */
const environment = async () => {
  const { table, forget, version } = memoryTable();
  const named = {
    service: 'shop',
    digest: digest(sampleBundle),
    rollout: inWavesOf(1),
    policy: 'p',
    fleet: 'f',
    version: '1.0.0',
  };
  const bucket = memoryBucket({ [bundleKey(named.digest)]: canonical(sampleBundle) });
  const open = async (run: string, environment: string, formKey: string) => {
    const { plan, planDigest } = makePlan(sampleBundle, sampleFleet, { ...named, environment });
    bucket.files[runKey(run, 'plan')] = JSON.stringify(plan);
    await openRequest(table, asked({ run, environment, planDigest, digest: named.digest, quorum: 2, formKey }));
    const [ada, berta] = await Promise.all(
      ['Ada', 'Berta'].map((person) => putLink(table, { run, person, createdAt: asked().createdAt })),
    );
    return { run, ada: `/approvals/${ada}`, berta: `/approvals/${berta}` };
  };
  const clock = { now: at('09:30:00') };
  const it = { table, objects: objects(bucket.client, 'b'), sfn: new SFNClient(), now: () => clock.now };
  const app = approvalApp(() => it);
  const send = (path: string, body: string, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const nonce = async (path: string) => {
    const text = await (await app.request(path)).text();
    return /name="nonce" value="([^"]+)"/.exec(text)![1]!;
  };
  const production = await open('run-1', 'production', 'k'.repeat(43));
  const staging = await open('run-2', 'staging', 's'.repeat(43));
  return { ...{ table, clock, send, nonce, production, staging, version }, unlimited: () => forget(/ATTEMPTS#/) };
};

it('accepts none of 10,000 forms that are mutated, cut, replayed, expired, or meant for something else', async () => {
  const { table, clock, send, nonce, production, staging, unlimited } = await environment();
  const { pick, below } = dice(20_260_105);
  const forms = await Promise.all(Array.from({ length: 20 }, () => nonce(production.ada)));
  const foreign = [await nonce(production.berta), await nonce(staging.ada), await nonce(staging.berta)];
  const used = await nonce(production.ada);
  clock.now = at('08:29:59');
  const old = await nonce(production.ada);
  clock.now = at('09:59:59');
  const future = await nonce(production.ada);
  clock.now = at('09:30:00');
  // The control: unchanged, it counts.
  const body = (it: string, environment = 'production', decision = 'approved') =>
    new URLSearchParams({ nonce: it, decision, environment }).toString();
  expect((await send(production.ada, body(used))).status).toBe(200);
  const before = await getRequest(table, 'run-1');
  expect([before?.votes.length, before?.outcome]).toEqual([1, null]);

  const flipped = (text: string) => {
    const index = below(text.length);
    const other = pick([...'ABCXYZabcxyz0123456789-_.'].filter((it) => it !== text[index]));
    return text.slice(0, index) + other + text.slice(index + 1);
  };
  const cut = (text: string) => text.slice(0, below(text.length));
  const { berta, ada } = production;
  type Attempt = { path: string; body: string; headers?: Record<string, string>; now?: Date };
  // By Berta's link, whose vote would decide, unless the nonce is Ada's.
  const good = await Promise.all(Array.from({ length: 20 }, () => nonce(berta)));
  const attempts: (() => Attempt)[] = [
    () => ({ path: berta, body: body(flipped(pick(good))) }),
    () => ({ path: berta, body: body(cut(pick(good))) }),
    () => ({ path: berta, body: cut(body(pick(good))) }),
    () => ({ path: berta, body: body(pick([...forms, old, future, foreign[1]!, foreign[2]!])) }),
    () => ({
      path: ada,
      body: body(pick([old, future, ...foreign]), 'production', pick(['approved', 'rejected', 'withdrawn'])),
    }),
    () => ({
      path: ada,
      body: body(used, pick(['production', 'staging']), pick(['rejected', 'withdrawn', 'tell', 'x'])),
    }),
    () => ({ path: staging.ada, body: body(pick([...forms, ...good]), pick(['production', 'staging'])) }),
    () => ({
      path: berta,
      body: body(pick(good)),
      now: pick([at('10:00:00'), at('10:30:00'), at('23:00:00'), at('09:28:59')]),
    }),
    () => ({ path: flipped(berta).replace(/^(?!\/approvals\/)/, '/approvals/'), body: body(pick(good)) }),
    () => ({ path: cut(berta) || '/', body: body(pick(good)) }),
    () => ({ path: berta, body: body(pick(good)), headers: { 'sec-fetch-site': pick(['cross-site', 'same-site']) } }),
    () => ({
      path: berta,
      body: body(pick(good)),
      headers: { origin: pick(['https://evil.example', 'http://x', 'junk']) },
    }),
    () => ({
      path: berta,
      body: body(pick(good)),
      headers: { 'content-type': pick(['text/plain', 'application/json', 'x']) },
    }),
    () => ({ path: berta, body: `${body(pick(good))}&decision=rejected` }),
    () => ({ path: berta, body: `${body(pick(good))}&reason=${'x'.repeat(17_000)}` }),
  ];
  const answers = new Set<number>();
  for (let n = 0; n < 10_000; n += 1) {
    const { path, body, headers, now } = attempts[n % attempts.length]!();
    clock.now = now ?? at('09:30:00');
    answers.add((await send(path, body, headers)).status);
    if (n % 20 === 0) unlimited();
  }
  expect([...answers].filter((status) => status < 400)).toEqual([]);
  expect([...answers].sort()).toEqual([400, 403, 404, 409, 410, 413, 415]);
  // The very form that counted is told so again, and counts no more.
  expect((await send(ada, body(used))).status).toBe(200);
  expect(await getRequest(table, 'run-1')).toEqual(before);
  expect((await getRequest(table, 'run-2'))?.votes).toEqual([]);
  expect(sfn.calls().filter(({ args: [it] }) => !it.constructor.name.includes('Heartbeat'))).toEqual([]);
  // And still it is the form that decides, once it is right.
  clock.now = at('09:30:00');
  unlimited();
  expect((await send(berta, body(await nonce(berta)))).status).toBe(200);
  expect((await getRequest(table, 'run-1'))?.outcome?.decision).toBe('approved');
});

it('accepts no environment but the one, however it is written', async () => {
  const { table, send, nonce, production, unlimited } = await environment();
  const names = [
    'Production',
    'PRODUCTION',
    'prod',
    'production1',
    'productio',
    'pro duction',
    'staging',
    'ｐroduction',
    'рroduction',
    'production\u200b',
    'production\0',
    '*',
    '',
    'production,staging',
    '%70roduction',
  ];
  for (const name of names) {
    const body = new URLSearchParams({ nonce: await nonce(production.ada), decision: 'approved', environment: name });
    expect((await send(production.ada, body.toString())).status).toBe(400);
    unlimited();
  }
  expect((await getRequest(table, 'run-1'))?.votes).toEqual([]);
});

const tags = [
  '<script>alert(1)</script>',
  '"><script>',
  "' onmouseover='x",
  '</code></pre><script src=//x>',
  '&lt;script&gt;',
  '<!--',
  ']]>',
  '</style>',
  '$$<b>$$',
  '--<i>',
  '/*</ol>',
  '\u202e\u200b\u2028',
];
const evil = tuple(string(), oneof(constantFrom(...tags), string({ unit: 'grapheme' })), string()).map((it) =>
  it.join(''),
);

/** The tags of a page with their attributes, but not what these say, nor the highlighter's: no text may add to them. */
const bones = (html: string) =>
  html
    .replace(/<span class="(hljs-[\w ]+_?|language-pgsql)">|<\/span>|<li><code>|<\/code><\/li>/g, '')
    .replace(/="[^"]*"/g, '=""')
    .match(/<[^>]*>/g);

it('shows hostile names, SQL and people as text, never as markup', async () => {
  const pages = async (text: string) => {
    const up = [statement(text, { kind: 'DropStmt' })];
    const bundle = { format: 1 as const, migrations: [migration(text, { file: text, up })] };
    const { plan } = makePlan(bundle, [cluster(text, database(text))], {
      service: text,
      environment: text,
      digest: text,
      rollout: inWavesOf(1),
      policy: 'p',
      fleet: 'f',
      version: '1.0.0',
    });
    const how = { at: text, channel: 'mail', assurance: 'low', identity: text } as const;
    const request = asked({
      ...{
        run: text,
        service: text,
        environment: text,
        digest: text,
        planDigest: text,
        requestedBy: text,
        starter: text,
      },
      ...{ authors: [text], approvers: [text, 'Ada'], barred: [{ person: text, because: text }], quorum: 3 },
      votes: [{ decision: 'approved', by: text, reason: text, ...how }],
      policy: policy({ mailLinkIsEnough: false }),
    });
    const previous = {
      ...beforehand,
      environment: text,
      run: text,
      requestedBy: text,
      approvedBy: [text],
      endedAt: text,
      migrations: [{ id: text, milliseconds: 1 }],
    };
    const shown = { plan, bundle, previous };
    const typed = { nonce: text, decision: text, environment: text, reason: 'so' };
    const notice = { kind: 'problem' as const, title: 'x', text, field: 'reason' as const };
    const view = { request, person: 'Ada', now: at('09:30:00'), asked: shown, nonce: 'x', notice, typed };
    return [
      String(requestPage(view)),
      String(requestPage({ ...view, request: { ...request, outcome: { decision: 'approved', at: text } } })),
      String(migrationPage(request, shown, text)),
      String(problemPage('x', text)),
    ];
  };
  const harmless = (await pages('harmless')).map(bones);
  expect(harmless[0]?.length).toBeGreaterThan(150);
  await assert(
    asyncProperty(evil, async (text) => {
      if (text === '' || text === 'Ada') return;
      for (const [index, page] of (await pages(text)).entries()) {
        expect(page).not.toMatch(/<script/i);
        expect(bones(page)).toEqual(harmless[index]);
        expect(page).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }
    }),
  );
});

it('spells out what a browser hides, or shows in another order or as a blank', () => {
  expect(visible('a\u202eb\u2066c\u200bd\u00ade\ufe0ff')).toBe('a⟨U+202E⟩b⟨U+2066⟩c⟨U+200B⟩d⟨U+00AD⟩e⟨U+FE0F⟩f');
  expect(visible('a\u00a0b\u3164c\u2028d\x00e\x1bf\rg\ud800h')).toBe(
    'a⟨U+00A0⟩b⟨U+3164⟩c⟨U+2028⟩d⟨U+0000⟩e⟨U+001B⟩f⟨U+000D⟩g⟨U+D800⟩h',
  );
  expect(visible("SELECT 'ä é 漢 ع' -- \tfine\r\n\n")).toBe("SELECT 'ä é 漢 ع' -- \tfine\n\n");
});
