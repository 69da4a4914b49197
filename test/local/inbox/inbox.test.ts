import { request } from 'node:http';
import { describe, expect, it, test } from 'vitest';
import { APPROVAL, fakeApp, type Json, markdown, plain, REASON, slackWith, TOKEN } from '../slack/harness.ts';
import { browser, formsOf } from './browser.ts';

type Setting = Awaited<ReturnType<typeof slackWith>>;

const mail = (change: object = {}) => ({
  id: '1',
  at: new Date('2026-01-05T09:00:00Z'),
  topicArn: 'arn:aws:sns:us-east-1:000000000000:approvals',
  subject: 'Approve?',
  body: 'Read http://127.0.0.1:1/approvals/x?a=1&b=2.',
  attributes: {},
  to: { protocol: 'email', endpoint: 'ada@example.com' },
  ...change,
});

/** A raw request, since fetch chooses some headers itself. */
const raw = (endpoint: string, method: string, path: string, headers: Record<string, string>, body = '') =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const outgoing = request(endpoint + path, { method, headers, agent: false }, (incoming) => {
      incoming.resume();
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers });
    });
    outgoing.on('error', reject).end(body);
  });

it('says so when there is nothing to see', async () => {
  const { endpoint, slack } = await slackWith();
  const page = await browser(endpoint).open();
  expect(page).toContain('No mail yet.');
  expect(page).toContain('No messages for Ada Lovelace yet.');
  expect(slack.messages()).toEqual([]);
});

describe('mail', () => {
  it('is shown with whom it is for, newest first, and links that can be followed', async () => {
    const { endpoint, mails } = await slackWith();
    mails.deliver(mail());
    mails.deliver(mail({ subject: 'A later one', to: null }));
    const page = await browser(endpoint).open();
    expect(page).toContain('to <b>ada@example.com</b>');
    expect(page).toContain('no subscription of approvals takes it');
    expect(page.indexOf('A later one')).toBeLessThan(page.indexOf('Approve?'));
    expect(page).toContain(
      '<a href="http://127.0.0.1:1/approvals/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">',
    );
  });

  it('cannot bring markup into the page', async () => {
    const { endpoint, mails } = await slackWith();
    mails.deliver(
      mail({ subject: '<script>a</script>', body: '<img src=x> http://x/"onclick="alert(1) javascript:alert(1)' }),
    );
    const page = await browser(endpoint).open();
    expect(page).not.toMatch(/<script|<img|"onclick|href="javascript/);
  });
});

describe('Slack', () => {
  it('is shown as the chosen person sees it', async () => {
    const { endpoint, call } = await slackWith();
    await call('chat.postMessage', { channel: 'C2', text: 'only for members' });
    await call('chat.postEphemeral', { channel: 'C1', user: 'U2', text: 'only for bo' });
    const { open } = browser(endpoint);
    const [ada, bo] = [await open('/inbox?as=T1/U1'), await open('/inbox?as=T1/U2')];
    expect([ada.includes('only for members'), ada.includes('only for bo')]).toEqual([false, false]);
    expect([bo.includes('only for members'), bo.includes('only for bo')]).toEqual([true, true]);
  });

  it('formats its markup and lets none of HTML in', async () => {
    const { endpoint, call } = await slackWith();
    const text = [
      '*bold* _italic_ ~gone~ `a *b*` 2*3*4 snake_case_name <@U1> <#C1> <!here> :rocket: :unknown:',
      '&gt; quoted <https://example.com/?a=1&amp;b=2|a *label*> <javascript:alert(1)|bad>',
      '```select 1 &lt; 2;```<script>alert(1)</script>',
    ].join('\n');
    await call('chat.postMessage', {
      channel: 'C1',
      text: 'x',
      unfurl_links: false,
      unfurl_media: false,
      blocks: [{ type: 'section', text: markdown(text) }],
    });
    const page = await browser(endpoint).open();
    for (const piece of [
      '<strong>bold</strong> <em>italic</em> <s>gone</s> <code>a *b*</code> 2*3*4 snake_case_name',
      '<span class="mention">@Ada Lovelace</span> <span class="mention">#deploys</span> <span class="mention">@here</span> 🚀 :unknown:',
      '<blockquote>quoted <a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">a *label*</a> bad</blockquote>',
      '<pre>select 1 &lt; 2;</pre>',
    ]) {
      expect(page).toContain(piece);
    }
    expect(page).not.toMatch(/<script|href="javascript/);
  });

  it('shows every kind of block', async () => {
    const { endpoint, call } = await slackWith();
    const blocks = [
      { type: 'header', text: plain('A header') },
      { type: 'section', fields: [markdown('*Risk*\nhigh'), plain('*plain*')] },
      {
        type: 'context',
        elements: [markdown('context'), { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a logo' }],
      },
      { type: 'divider' },
      { type: 'image', image_url: 'https://example.com/b.png', alt_text: 'a chart' },
    ];
    await call('chat.postMessage', { channel: 'C1', text: 'x', blocks });
    const page = await browser(endpoint).open();
    for (const piece of ['<h4>A header</h4>', '<strong>Risk</strong>\nhigh', '*plain*', 'a logo', '<hr>', 'a chart'])
      expect(page).toContain(piece);
    expect(page).not.toContain('<img');
  });
});

describe('a person at the inbox', () => {
  /** An app that opens a modal when Reject is pressed, wants a better reason once, and then updates the message. */
  const rejecting = async () => {
    const setting: { it?: Setting; ts?: string } = {};
    let wanted = 2;
    const app = await fakeApp(async (payload: Json) => {
      if (payload.actions?.[0].action_id === 'reject') {
        await setting.it!.call('views.open', { trigger_id: payload.trigger_id, view: REASON });
      } else if (payload.type === 'view_submission') {
        wanted -= 1;
        if (wanted > 0) return { body: JSON.stringify({ response_action: 'errors', errors: { reason: 'Say more.' } }) };
        const why = payload.view.state.values.reason.text.value;
        await setting.it!.call('chat.update', {
          channel: 'C1',
          ts: setting.ts,
          text: `Rejected by <@${payload.user.id}>: ${why}`,
        });
      }
      return {};
    });
    setting.it = await slackWith({ workspace: { requestUrl: app.url } });
    setting.ts = (await setting.it.call('chat.postMessage', { channel: 'C1', text: 'x', blocks: APPROVAL })).ts;
    return { ...setting.it, app, at: browser(setting.it.endpoint) };
  };

  it('presses a button, fills in the modal, mends it and sees the message change', async () => {
    const { app, at } = await rejecting();
    const modal = await at.press(await at.open('/inbox?as=T1/U2'), 'Reject');
    expect(modal).toContain('role="dialog"');
    expect(modal).not.toContain('http-equiv="refresh"');
    const empty = await at.press(modal, 'Reject');
    expect(empty).toContain('Please complete this required field.');
    const refused = await at.press(empty, 'Reject', { 'input:reason': 'a <b>\r\nreason' });
    expect(refused).toContain('Say more.');
    expect(refused).toContain('a &lt;b&gt;\nreason</textarea>');
    const done = await at.press(refused, 'Reject', { 'input:reason': 'a better reason' });
    expect(done).toContain('Rejected by <span class="mention">@bo</span>: a better reason');
    expect(done).not.toContain('role="dialog"');
    expect(app.payloads().map(({ type, user }) => [type, user.id])).toEqual([
      ['block_actions', 'U2'],
      ['view_submission', 'U2'],
      ['view_submission', 'U2'],
    ]);
    expect(app.payloads()[1].view.state.values.reason.text.value).toBe('a <b>\nreason');
  });

  it('leaves a modal by its other button', async () => {
    const { app, at, slack } = await rejecting();
    await at.press(await at.press(await at.open(), 'Reject'), 'Back');
    expect(slack.views()).toEqual([]);
    expect(app.payloads()).toHaveLength(1);
  });

  it('is told when the app does not take it', async () => {
    const { endpoint, call } = await slackWith();
    await call('chat.postMessage', { channel: 'C1', text: 'x', blocks: APPROVAL });
    const at = browser(endpoint);
    expect(await at.press(await at.open(), 'Approve')).toContain('it has no Request URL');
  });

  it('is told when what they pressed is no longer there', async () => {
    const { app, at, call, slack } = await rejecting();
    const page = await at.open();
    await call('chat.update', { channel: 'C1', ts: slack.messages()[0]?.ts, text: 'over' });
    expect(await at.press(page, 'Approve')).toContain('There is no button');
    expect(app.received).toEqual([]);
  });

  it('confirms first where the button asks for it', async () => {
    const app = await fakeApp();
    const { endpoint, call } = await slackWith({ workspace: { requestUrl: app.url } });
    const confirm = {
      title: plain('Sure?'),
      text: plain('It cannot be undone.'),
      confirm: plain('Do it'),
      deny: plain('No'),
    };
    const elements = [{ type: 'button', action_id: 'go', text: plain('Go'), confirm }];
    await call('chat.postMessage', {
      channel: 'C1',
      text: 'x',
      blocks: [{ type: 'actions', block_id: 'b', elements }],
    });
    const at = browser(endpoint);
    const page = await at.open();
    expect(formsOf(page)).toEqual([]);
    const link = /<a class="button [^"]*" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
    const question = await at.open(link);
    expect(question).toContain('It cannot be undone.');
    expect(app.received).toEqual([]);
    await at.press(question, 'Do it');
    expect(app.payloads()).toMatchObject([{ actions: [{ action_id: 'go', block_id: 'b' }] }]);
  });

  it('gets where a button points, and the app is told', async () => {
    const app = await fakeApp();
    const { endpoint, call } = await slackWith({ workspace: { requestUrl: app.url } });
    const elements = [
      { type: 'button', action_id: 'open', text: plain('Open'), url: 'http://127.0.0.1:1/approvals/x' },
    ];
    await call('chat.postMessage', { channel: 'C1', text: 'x', blocks: [{ type: 'actions', elements }] });
    const at = browser(endpoint);
    expect(await at.press(await at.open(), 'Open ↗')).toContain(
      '<meta http-equiv="refresh" content="0; url=http://127.0.0.1:1/approvals/x">',
    );
    expect(app.payloads()).toMatchObject([{ actions: [{ action_id: 'open', url: 'http://127.0.0.1:1/approvals/x' }] }]);
  });

  it('chooses among options, or none', async () => {
    const options = ['low', 'high'].map((value) => ({ text: plain(value), value }));
    const input = (block_id: string, type: string, more: object) => ({
      type: 'input',
      optional: true,
      block_id,
      label: plain(block_id),
      element: { type, action_id: 'a', options, ...more },
    });
    const blocks = [
      input('checks', 'checkboxes', { initial_options: [options[0]] }),
      input('risk', 'static_select', {}),
      input('kind', 'radio_buttons', { initial_option: options[1] }),
    ];
    const setting: { it?: Setting } = {};
    const app = await fakeApp(async ({ type, trigger_id }: Json) => {
      if (type === 'block_actions') await setting.it!.call('views.open', { trigger_id, view: { ...REASON, blocks } });
      return {};
    });
    setting.it = await slackWith({ workspace: { requestUrl: app.url } });
    await setting.it.call('chat.postMessage', { channel: 'C1', text: 'x', blocks: APPROVAL });
    const at = browser(setting.it.endpoint);
    await at.press(await at.press(await at.open(), 'Reject'), 'Reject');
    expect(app.payloads()[1].view.state.values).toEqual({
      checks: { a: { type: 'checkboxes', selected_options: [expect.objectContaining({ value: 'low' })] } },
      risk: { a: { type: 'static_select', selected_option: null } },
      kind: { a: { type: 'radio_buttons', selected_option: expect.objectContaining({ value: 'high' }) } },
    });
  });
});

describe('a page from elsewhere', () => {
  const pressed = async () => {
    const app = await fakeApp();
    const setting = await slackWith({ workspace: { requestUrl: app.url } });
    const { ts } = await setting.call('chat.postMessage', { channel: 'C1', text: 'x', blocks: APPROVAL });
    const body = new URLSearchParams({ as: 'T1/U1', ts, press: '["decide","approve"]' }).toString();
    const port = new URL(setting.endpoint).port;
    const post = async (headers: Record<string, string>) =>
      (
        await raw(
          setting.endpoint,
          'POST',
          '/inbox/click',
          { 'content-type': 'application/x-www-form-urlencoded', ...headers },
          body,
        )
      ).status;
    return { ...setting, app, post, port };
  };

  test.each([
    ['another origin', { origin: 'https://evil.example.com' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a sandbox', { origin: 'null' }],
    ['nobody', {}],
  ])('cannot press a button as %s', async (_, headers) => {
    const { post, app } = await pressed();
    expect(await post(headers as Record<string, string>)).toBe(403);
    expect(app.received).toEqual([]);
  });

  it('cannot press a button although its browser claims the right origin', async () => {
    const { post, app, endpoint } = await pressed();
    expect(await post({ origin: endpoint, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await post({ origin: endpoint, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(app.received).toEqual([]);
    expect(await post({ origin: endpoint, 'sec-fetch-site': 'same-origin' })).toBe(303);
    expect(app.received).toHaveLength(1);
  });

  it('gets nothing under a name that was rebound to this machine, or that is not the inbox', async () => {
    const { endpoint, port, post } = await pressed();
    const get = async (host: string) => (await raw(endpoint, 'GET', '/inbox', { host })).status;
    expect([await get(`127.0.0.1:${port}`), await get(`localhost:${port}`)]).toEqual([200, 200]);
    expect(
      await Promise.all(
        ['evil.example.com', `evil.localhost:${port}`, '127.0.0.1', '127.0.0.1:1', 'localhost'].map(get),
      ),
    ).toEqual([403, 403, 403, 403, 403]);
    expect(await post({ host: `evil.localhost:${port}`, origin: `http://evil.localhost:${port}` })).toBe(403);
  });

  it('can neither frame it nor load anything in it', async () => {
    const { endpoint } = await pressed();
    const { headers } = await raw(endpoint, 'GET', '/inbox', {});
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
  });

  it('finds no secret in it', async () => {
    const { endpoint } = await pressed();
    expect(await browser(endpoint).open()).not.toMatch(new RegExp(`${TOKEN}|8f742231b10e`));
  });

  it('changes nothing by GET', async () => {
    const { endpoint, app } = await pressed();
    const paths = ['/inbox/click', '/inbox/submit', '/inbox/close', '/inbox?confirm=1&press=["decide","approve"]'];
    const statuses = await Promise.all(
      paths.map(async (path) => (await raw(endpoint, 'GET', encodeURI(path), {})).status),
    );
    expect(statuses).toEqual([404, 404, 404, 200]);
    expect(app.received).toEqual([]);
  });
});
