import { describe, expect, it } from 'vitest';
import { at, policy } from '../request.ts';
import { rollout } from './held.ts';
import { holdPages } from './opened.ts';

const pages = holdPages();

const opened = async (...more: Parameters<typeof pages.opened>) => {
  const { app, link, stored } = await pages.opened(...more);
  const get = async (to: string, method = 'GET') => {
    const answer = await app.request(to, { method });
    return { status: answer.status, headers: answer.headers, html: await answer.text() };
  };
  const send = async (to: string, form: Record<string, string>) => {
    const nonce = form.nonce ?? nonceIn((await get(to)).html);
    const body = new URLSearchParams({ environment: 'production', ...form, nonce });
    const answer = await app.request(to, { method: 'POST', body });
    return { status: answer.status, html: await answer.text() };
  };
  return { get, send, link, stored };
};

const nonceIn = (html: string) => /name="nonce" value="([^"]+)"/.exec(html)?.[1] ?? '';
const buttons = (html: string) => [...html.matchAll(/<button name="decision" value="(\w+)"/g)].map(([, it]) => it);
const words = (html: string) =>
  html
    .replace(/<(style|title)>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of a hold', () => {
  it('shows why, how far it came, what failed and where, and what each answer does', async () => {
    const { get, link } = await opened();
    const { status, headers, html } = await get(await link('Ada'));
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    const text = words(html);
    expect(text).toContain('The rollout is held after wave 2');
    expect(text).toContain('the failure budget of wave 2 is spent: 3 databases failed, and 2 may');
    expect(text).toContain('So far: 17 applied, 2 failed, 1 in doubt, 180 not begun');
    expect(text).toMatch(
      /shop-eu-1\/tenant_acme failed 0042_index_orders\.sql:12 column .*null values \(SQLSTATE 23502\)/,
    );
    expect(text).toContain('2 databases of wave 2 were not begun or not finished, and have their turn now.');
    expect(text).toContain('goes on with wave 3: 178 databases in 2 waves are still to come');
    expect(text).toContain('taken back, newest first, by a run of its own: in 17 databases');
    expect(text).toContain('17 databases keep what they have');
    expect(buttons(html)).toEqual(['resume', 'revert', 'abandon']);
    expect(html).not.toMatch(/<script|task-token|kkkkk/);
    expect(html).toContain('&lt;b&gt;the cluster&lt;/b&gt;');
  });

  it('does not offer to revert where a migration has no down file, and says which', async () => {
    const { get, send, link } = await opened({
      hold: rollout({ canRevert: false, withoutDown: ['0044_drop_carts.sql'] }),
    });
    const ada = await link('Ada');
    const { html } = await get(ada);
    expect(buttons(html)).toEqual(['resume', 'abandon']);
    expect(words(html)).toContain('It can’t be reverted: 0044_drop_carts.sql has no down file.');
    expect(words((await send(ada, { decision: 'revert' })).html)).toContain('Choose one of the answers.');
  });

  it('lets by a link in a mail only abandon, where that proves too little', async () => {
    const { get, send, link, stored } = await opened({ policy: policy({ mailLinkIsEnough: false }) });
    const ada = await link('Ada');
    const { html } = await get(ada);
    expect(buttons(html)).toEqual(['abandon']);
    expect(words(html)).toContain('lockstep resume production run-1');
    expect((await send(ada, { decision: 'resume' })).status).toBe(403);
    expect((await stored()).votes).toEqual([]);
  });

  it('lets who started the run abandon it and nothing else, and a reader nothing', async () => {
    const barred = [{ person: 'Ada', because: 'started the run' }];
    const { get, link, send } = await opened({ approvers: ['Berta'], barred });
    expect(buttons((await get(await link('Ada'))).html)).toEqual(['abandon']);
    expect(buttons((await get(await link(null))).html)).toEqual([]);
    expect((await send(await link(null), { decision: 'abandon', reason: 'x' })).status).toBe(403);
  });

  it('takes the decision once, with the environment typed and a reason to abandon, and tells the run', async () => {
    const { get, send, link, stored } = await opened();
    const ada = await link('Ada');
    expect(words((await send(ada, { decision: 'resume', environment: 'staging' })).html)).toContain('Nothing decided');
    expect((await send(ada, { decision: 'abandon' })).status).toBe(400);
    expect((await send(ada, { decision: 'approved' })).status).toBe(400);
    expect((await stored()).votes).toEqual([]);
    const berta = await link('Berta');
    const nonce = nonceIn((await get(berta)).html);
    const done = await send(ada, { decision: 'resume', reason: 'three are known' });
    expect(words(done.html)).toContain('Recorded. Resumed by Ada: three are known. The rollout goes on.');
    const late = await send(berta, { nonce, decision: 'abandon', reason: 'no' });
    expect(late.status).toBe(409);
    expect(words(late.html)).toMatch(/Resumed By Ada, .*Decided/);
    expect(pages.told()).toHaveLength(1);
  });

  it('tells how many more are needed, and lets who has said something withdraw or end it', async () => {
    const { get, send, link } = await opened({ quorum: 2 });
    const ada = await link('Ada');
    const { html } = await send(ada, { decision: 'revert' });
    expect(words(html)).toContain('You chose to revert. 1 more voice is needed before that is done.');
    expect(buttons((await get(ada)).html)).toEqual(['withdrawn', 'abandon']);
    expect((await send(ada, { decision: 'withdrawn' })).status).toBe(200);
    expect(buttons((await get(ada)).html)).toEqual(['resume', 'revert', 'abandon']);
  });

  it('says of one that has expired that it counts as abandoned', async () => {
    const { get, send, link } = await opened({}, at('10:00:00'));
    const ada = await link('Ada');
    const { status, html } = await get(ada);
    expect([status, buttons(html)]).toEqual([410, []]);
    expect(words(html)).toContain('so the run is abandoned');
    expect((await send(ada, { decision: 'resume' })).status).toBeGreaterThanOrEqual(400);
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('is not decided by %s, however often', async (method) => {
    const { get, link, stored } = await opened();
    const ada = await link('Ada');
    for (const query of ['', '?decision=resume', '?decision=abandon&reason=x&environment=production'])
      await get(`${ada}${query}`, method);
    expect(await stored()).toMatchObject({ version: 1, votes: [], outcome: null });
  });
});
