import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { cluster, database, migration, statement } from '../fleet/samples.ts';
import { approvalPages, sampleBundle, TOKEN } from './harness.ts';
import { readable } from './readable.ts';
import { asked, at, policy } from './request.ts';
import { beforehand, shopBundle, shopFleet } from './sample.ts';

const { opened, sent } = approvalPages();
const read = async (pages: Awaited<ReturnType<typeof opened>>, path?: string) => readable((await pages.get(path)).text);

describe('the page says', () => {
  it('what is asked, how grave it is, and to whom it is shown', async () => {
    const page = await read(await opened());
    expect(page).toContain('production shop You are Ada Decide');
    expect(page).toContain('Bring 2 migrations to 2 databases in 2 clusters');
    expect(page).toContain(
      'The gravest statement, in line 5 of 002_drop_carts.sql, drops a table, schema or type with what it holds. It goes out in 2 waves. 1 high risk 1 low risk',
    );
    expect(page).toContain('Approve for production Reject');
  });

  it('who asks, and tells proof from claim', async () => {
    const known = await read(await opened({ request: { requestedBy: 'jenkins' } }));
    expect(known).toContain(`Started by ${asked().starter} proven by IAM Claims to be jenkins claim, not proven`);
    const starter = 'arn:aws:iam::123456789012:user/berta';
    expect(await read(await opened({ request: { starter } }))).toContain(`Started by Berta, ${starter} proven by IAM`);
    const unknown = await read(await opened({ request: { starter: null, quorum: 2, authors: ['eve@example.com'] } }));
    expect(unknown).toContain('unknown: started without announcing one more approval needed');
    expect(unknown).toContain('one more than usual, because it is not known who started the run');
    expect(unknown).toContain('Commits by eve@example.com by CI’s word');
  });

  it('until when, in time and in time left', async () => {
    const page = await read(await opened({ request: { expiresAt: '2026-01-05T12:42:00.000Z' } }));
    expect(page).toContain('Expires in 3 h 12 min 5 January 2026, 12:42 UTC; counts as a rejection then');
  });

  it('how many approve, who has, by what proof, and who can’t and why', async () => {
    const vote = {
      channel: 'slack',
      assurance: 'high',
      identity: 'slack T0001/UBERTA01',
      reason: 'looks <fine>',
    } as const;
    const votes = [
      { decision: 'approved' as const, by: 'Berta', at: at('09:05:00').toISOString(), ...vote },
      {
        decision: 'approved' as const,
        by: 'Dora',
        at: at('09:06:00').toISOString(),
        ...vote,
        withdrawnAt: at('09:07:00').toISOString(),
      },
    ];
    const barred = [{ person: 'Cleo', because: 'wrote one of its commits' }];
    const page = await read(
      await opened({ request: { quorum: 2, votes, barred, approvers: ['Ada', 'Berta', 'Dora'] } }),
    );
    expect(page).toContain('1 of 2 different people have to approve');
    expect(page).toContain(
      'Berta approved 5 January 2026, 09:05 UTC in Slack, high assurance: slack T0001/UBERTA01 looks <fine> Ada or Dora can still decide Dora approved, and withdrew that 5 January 2026, 09:07 UTC Cleo can’t approve: wrote one of its commits',
    );
  });

  it('which database gets what, wave by wave', async () => {
    const page = await read(await opened());
    expect(page).toContain(
      'Wave 1 1 database in 1 cluster 1 database gets all 2 migrations Cluster Databases tenants-a orders',
    );
    expect(page).toContain(
      'Wave 2 1 database in 1 cluster 1 database gets migration 003 Cluster Databases tenants-b billing',
    );
    expect(page).toContain('1 more database has everything already and is left alone.');
  });

  it('every statement with its line, its risk and why, and how each migration would be taken back', async () => {
    const page = await read(await opened());
    expect(page).toContain(
      '002_drop_carts.sql high risk line 5 drops a table, schema or type with what it holds · in 1 database',
    );
    expect(page).toContain(
      "medium risk line 2 changes existing rows DELETE FROM carts WHERE note = '<b>&'; high risk line 5 drops a table, schema or type with what it holds DROP TABLE carts; No down file: Lockstep can't take this back.",
    );
    expect(page).toContain('Statement by statement, not in one transaction');
    expect(page).toContain('How it would be taken back: 003_index.down.sql DROP INDEX i;');
    // Applied everywhere already.
    expect(page).not.toContain('001_create_orders.sql');
    expect((await (await opened()).get()).text).toContain('<ol class="sql" start="5">');
  });

  it('how it went in the environment before, or that nobody knows', async () => {
    const page = await read(await opened({ bundle: shopBundle, fleet: shopFleet, previous: beforehand }));
    expect(page).toContain(
      'How it went in staging Done 4 January 2026, 17:03 UTC, with 1 min 24 s of work in all databases together. Asked for by ci, approved by Berta; run staging-20260104-1702. Migration Longest there 0042_index_orders_by_customer.sql 1 min 1 s',
    );
    expect(page).toContain(
      '0044_drop_legacy_carts.sql high risk line 2 drops a table, schema or type with what it holds · in 6 databases · took 12 ms in staging',
    );
    expect(await read(await opened())).toContain('Nothing is known of an environment before this one.');
  });

  it('no more of the environment before than is known', async () => {
    const untimed = { ...beforehand, migrations: [] };
    const page = await read(await opened({ bundle: shopBundle, fleet: shopFleet, previous: untimed }));
    expect(page).toContain('with 1 min 24 s of work in all databases together.');
    expect(page).not.toMatch(/not known|did not run|Longest there/);
    const some = { ...beforehand, migrations: beforehand.migrations.slice(0, 1) };
    expect(await read(await opened({ bundle: shopBundle, fleet: shopFleet, previous: some }))).toContain(
      '0041_add_loyalty_tier.sql 38 ms How long the other 3 of this plan took there is not known.',
    );
  });

  it('what is taken back, with the SQL that does it', async () => {
    const bundle = { ...shopBundle, migrations: shopBundle.migrations.slice(0, 1) };
    const fleet = [cluster('a', database('orders', 1, { taken: [[0, 0]] as never }))];
    const page = await read(await opened({ bundle, fleet, revert: 'run-0' }));
    expect(page).toContain('Take back 1 migration in 1 database in 1 cluster');
    expect(page).toContain('What run run-0 applied is taken back, newest first.');
    expect(page).toContain('0041_add_loyalty_tier.down.sql high risk');
    expect(page).toContain('ALTER TABLE customers DROP COLUMN tier_since, DROP COLUMN tier; ');
    expect(page).toContain('What it takes back CREATE TYPE loyalty_tier');
    expect(page).toContain('1 database gives back migration 0041');
  });

  it('where to approve when a link is not proof enough', async () => {
    const pages = await opened({ request: { policy: policy({ mailLinkIsEnough: false }) } });
    const page = await read(pages);
    expect(page).toContain('To approve, prove who you are.');
    expect(page).toContain('In Slack: press Approve');
    expect(page).toContain('lockstep approve production run-1');
    expect(page).not.toContain('Approve for production');
    expect(page).toContain('To reject, type production');
    const webhook = policy({ mailLinkIsEnough: false, slack: null });
    expect(await read(await opened({ request: { policy: webhook } }))).not.toContain('In Slack');
  });

  it('what was decided, by whom and how, to whoever comes later, even when the plan is gone', async () => {
    const pages = await opened();
    await pages.send({ decision: 'approved' });
    pages.clock.now = at('23:00:00');
    const path = await pages.link('Berta');
    const later = await pages.get(path);
    expect([later.status, readable(later.text)]).toEqual([
      200,
      expect.stringContaining('Approved By Ada, 5 January 2026, 09:30 UTC'),
    ]);
    expect(later.text).not.toContain('<form');
    delete pages.bucket.files['runs/run-1/plan.json'];
    const gone = await pages.get(path);
    expect([gone.status, readable(gone.text)]).toEqual([200, expect.stringContaining('The plan itself can’t be read')]);
    expect(readable(gone.text)).toContain('Approved By Ada');
  });

  it('that one person alone has broken the glass, and why', async () => {
    const vote = {
      decision: 'approved',
      by: 'Dora',
      reason: 'production is down, nobody answers',
      breakGlass: true,
    } as const;
    const how = { at: at('09:05:00').toISOString(), channel: 'iam', assurance: 'high', identity: 'arn:x' } as const;
    const outcome = { decision: 'approved', at: how.at } as const;
    const page = await read(await opened({ request: { votes: [{ ...vote, ...how }], outcome } }));
    expect(page).toContain('By Dora alone, who broke the glass');
    expect(page).toContain('production is down, nobody answers');
  });
});

describe('the environment', () => {
  it.each(['production', 'prod', 'production-eu', 'eu-prod', 'PROD-2', 'live'])('%s is red', async (environment) => {
    expect((await (await opened({ environment })).get()).text).toContain('<body class="production">');
  });

  it.each(['staging', 'pre-production', 'non-prod', 'products', 'dev'])(
    '%s has a hue of its own',
    async (environment) => {
      expect((await (await opened({ environment })).get()).text).toMatch(/<body class="hue-[0-7]">/);
    },
  );
});

describe('however much there is', () => {
  const size = async (it: Parameters<typeof opened>[0]) => {
    const { status, text } = await (await opened(it)).get();
    expect(status).toBe(200);
    // A Lambda answers with 6 MB at most.
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(5_000_000);
    return readable(text);
  };

  it('a thousand databases are told in few rows', async () => {
    const names = Array.from({ length: 1_000 }, (_, n) => database(`tenant_${n}`));
    const one = await size({ bundle: shopBundle, fleet: [cluster('a', ...names)] });
    expect(one).toContain('tenant_0, tenant_1, tenant_2, tenant_3, tenant_4, tenant_5 and 994 more');
    expect(one).not.toContain('tenant_6');
    const many = names.map((it, n) => cluster(`c${n}`, it));
    const page = await size({ bundle: shopBundle, fleet: many, waveSize: 50 });
    expect(page).toContain('Wave 1 50 databases in 50 clusters 50 databases get all 4 migrations');
    expect(page).toContain('and 45 more like these, in 45 more clusters');
    expect(page).toContain('and 8 more waves like these, with 400 databases in 400 clusters.');
  });

  it('a megabyte of SQL is cut with a note, and can be read whole on a page of its own', async () => {
    const up = [
      statement(`INSERT INTO t VALUES\n${'  (\'a row "of" many\'),\n'.repeat(50_000)}  ('the last row')`, {
        kind: 'InsertStmt',
      }),
    ];
    const bundle = { ...sampleBundle, migrations: [migration('9', { file: '9_rows.sql', up })] };
    const it = { bundle, fleet: [cluster('a', database('orders'))] };
    const page = await size(it);
    expect(page).toMatch(/Cut here: [\d,]+ of 1,1\d\d,\d{3} characters\. Read the whole migration/);
    expect(page).not.toContain('the last row');
    const pages = await opened(it);
    const whole = await pages.get(`${pages.path}?migration=9`);
    expect([whole.status, Buffer.byteLength(JSON.stringify(whole.text)) < 6_000_000]).toEqual([200, true]);
    expect(whole.text).toContain('the last row');
    expect(await pages.held()).toMatchObject({ votes: [], version: 1 });
  });

  it('a line without end, quotes without end and lines without end are cut too', async () => {
    for (const sql of [
      `SELECT '${'"'.repeat(1_000_000)}'`,
      `SELECT 1${'\n'.repeat(300_000)}, 2`,
      `SELECT '${'\u202e'.repeat(400_000)}'`,
    ]) {
      const bundle = {
        ...sampleBundle,
        migrations: [migration('9', { up: [statement(sql, { kind: 'SelectStmt' })] })],
      };
      const it = { bundle, fleet: [cluster('a', database('orders'))] };
      expect(await size(it)).toContain('Cut here');
      const pages = await opened(it);
      const { text } = await pages.get(`${pages.path}?migration=9`);
      expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(6_000_000);
      expect(text).toContain('Cut here');
    }
  });

  it('five thousand migrations are all named, the riskiest with their SQL', async () => {
    const drop = migration('4999', { up: [statement('DROP TABLE gone', { kind: 'DropStmt' })] });
    const rest = Array.from({ length: 4_999 }, (_, n) => migration(String(n).padStart(4, '0')));
    const page = await size({
      bundle: { ...sampleBundle, migrations: [...rest, drop] },
      fleet: [cluster('a', database('orders'))],
    });
    expect(page).toContain('and 4,850 more migrations of no higher risk');
    expect(page).toContain('DROP TABLE gone;');
    expect(page).toContain('4998_step_4998.sql');
  });

  it('a migration that the plan does not have has no page', async () => {
    const pages = await opened();
    for (const id of ['001', 'nonsense', ''])
      expect((await pages.get(`${pages.path}?migration=${id}`)).status).toBe(404);
  });
});

describe('looking', () => {
  const scanners = [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (compatible; SafeLinks)',
    'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    'BingPreview/1.0b',
    'Barracuda Sentinel (EE)',
    'GoogleImageProxy',
    'Proofpoint URL Defense',
  ];

  it('changes nothing and writes nothing, whoever does it, by GET, HEAD or OPTIONS, a hundred times', async () => {
    const pages = await opened();
    const before = await pages.items();
    const looks = Array.from({ length: 100 }, (_, n) => {
      const method = ['GET', 'HEAD', 'OPTIONS'][n % 3]!;
      const query = n % 2 ? '' : '?decision=approved&environment=production&nonce=x';
      return pages.get(`${pages.path}${query}`, { method, headers: { 'user-agent': scanners[n % 6]! } });
    });
    const answers = await Promise.all(looks);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 204]));
    expect([pages.writes(), await pages.items(), sent()]).toEqual([0, before, []]);
  });

  it('by HEAD gives what GET gives, without the page, and by OPTIONS what is possible', async () => {
    const pages = await opened();
    const head = await pages.get(pages.path, { method: 'HEAD' });
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([200, '', 'text/html; charset=UTF-8']);
    const options = await pages.get(pages.path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('is all that is possible besides the form: not %s', async (method) => {
    const pages = await opened();
    const body = new URLSearchParams({ nonce: await pages.nonce(), environment: 'production', decision: 'approved' });
    const { status, headers } = await pages.get(pages.path, { method, body });
    expect([status, headers.get('allow'), pages.writes()]).toEqual([405, 'GET, HEAD, OPTIONS, POST', 0]);
  });

  it.each([
    ['well made but unknown', 'A'.repeat(22)],
    ['too short', 'A'.repeat(21)],
    ['too long', 'A'.repeat(5_000)],
    ['of other characters', `${'A'.repeat(21)}%20`],
    ['not even encoded properly', '%E0%A4%A'],
    ['climbing', '..%2F..%2Fruns'],
  ])('finds no request by a link that is %s, and writes nothing', async (_, id) => {
    const pages = await opened();
    const nonce = await pages.nonce();
    for (const answer of [
      await pages.get(`/approvals/${id}`),
      await pages.post({ nonce, environment: 'production', decision: 'approved' }, `/approvals/${id}`),
    ])
      expect([answer.status, readable(answer.text)]).toEqual([404, expect.stringContaining('No such request')]);
    expect(pages.writes()).toBe(0);
  });

  it('finds nothing elsewhere', async () => {
    const pages = await opened();
    for (const path of ['/', '/approvals', '/approvals/', `${pages.path}/`, `${pages.path}/x`])
      expect((await pages.get(path)).status).toBe(404);
  });
});

describe('every answer', () => {
  it('keeps itself from being kept, framed, or made to do anything else, and hides the task token and form key', async () => {
    const pages = await opened({ bundle: shopBundle, fleet: shopFleet, previous: beforehand });
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const broken = await opened();
    broken.bucket.files['runs/run-1/plan.json'] = '{ "half": ';
    const answers = [
      await pages.get(),
      await pages.get(`${pages.path}?migration=0044`),
      await pages.get(pages.path, { method: 'HEAD' }),
      await pages.get(pages.path, { method: 'OPTIONS' }),
      await pages.get(pages.path, { method: 'PUT' }),
      await pages.get('/nowhere'),
      await pages.post({}),
      await pages.post({}, pages.path, { 'sec-fetch-site': 'cross-site' }),
      await pages.get(pages.path, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
      await pages.send({ decision: 'approved', environment: 'x' }),
      await pages.send({ decision: 'approved' }),
      await pages.get(),
      await broken.get(),
    ];
    vi.restoreAllMocks();
    expect(answers.map(({ status }) => status)).toEqual([
      200, 200, 200, 204, 405, 404, 403, 403, 415, 400, 200, 200, 500,
    ]);
    const style = /<style>(.*?)<\/style>/s.exec(answers[0]!.text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    for (const { headers, text } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': expect.stringContaining('max-age='),
      });
      expect(headers.get('set-cookie')).toBeNull();
      expect(text.replace(style, '')).not.toMatch(/<script|\sstyle=|<[^>]*\son\w+=|src=|https?:|@import|url\(/i);
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(asked().formKey);
    }
  });

  it('says only that something went wrong when it did', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const pages = await opened();
    pages.bucket.files['runs/run-1/plan.json'] = '{ "half": ';
    const { status, text } = await pages.get();
    log.mockRestore();
    expect([status, readable(text)]).toEqual([500, expect.stringContaining('Nothing is known to have been decided.')]);
    expect(text).not.toContain('JSON');
  });
});
