import { describe, expect, it, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { APPROVAL, fakeApp, type Json, plain, REASON, slackWith } from './harness.ts';

/** The workspace, an app, and one approval message in it. */
const asked = async (answer?: Parameters<typeof fakeApp>[0], more: Parameters<typeof slackWith>[0] = {}) => {
  const app = await fakeApp(answer);
  const all = await slackWith({ ...more, workspace: { requestUrl: `${app.url}/slack`, ...more.workspace } });
  const { ts } = await all.call('chat.postMessage', { channel: 'C1', text: 'Approve?', blocks: APPROVAL });
  return { ...all, app, ts: ts as string };
};

/** The same, with the modal open before Ada. */
const asking = async (answer?: Parameters<typeof fakeApp>[0], view: object = REASON) => {
  const all = await asked(answer);
  await all.slack.click({ user: 'U1', ts: all.ts, actionId: 'reject' });
  const { trigger_id } = all.app.payloads()[0];
  const opened = await all.call('views.open', { trigger_id, view });
  return { ...all, viewId: opened.view.id as string, opened };
};

describe('pressing a button', () => {
  it('sends what Slack sends, signed', async () => {
    const clock = virtualClock(new Date('2026-01-05T09:00:00Z'));
    const { slack, app, ts, workspace } = await asked(undefined, { clock });
    const { status, trouble } = await slack.click({ user: 'U1', ts, actionId: 'approve' });
    expect([status, trouble]).toEqual([200, undefined]);
    const [request] = app.received;
    expect(request).toMatchObject({
      path: '/slack',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': '1767603600',
        'x-slack-signature': expect.stringMatching(/^v0=[0-9a-f]{64}$/),
      },
    });
    expect([...new URLSearchParams(request?.body).keys()]).toEqual(['payload']);
    expect(app.payloads()[0]).toMatchObject({
      type: 'block_actions',
      user: { id: 'U1', username: 'ada', name: 'ada', team_id: 'T1' },
      team: { id: 'T1', domain: 'acme' },
      api_app_id: workspace.app.id,
      token: workspace.app.token,
      container: { type: 'message', message_ts: ts, channel_id: 'C1', is_ephemeral: false },
      channel: { id: 'C1', name: 'deploys' },
      message: { ts, text: 'Approve?', user: workspace.bot.userId, blocks: [{}, {}, { block_id: 'decide' }] },
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{32}$/),
      response_url: expect.stringContaining('/slack/actions/T1/'),
      actions: [
        {
          type: 'button',
          action_id: 'approve',
          block_id: 'decide',
          value: 'request-1',
          style: 'primary',
          text: { type: 'plain_text', text: 'Approve', emoji: true },
          action_ts: expect.stringMatching(/^\d{10}\.\d{6}$/),
        },
      ],
    });
  });

  it('hands back the request byte for byte, so that it can be sent again or falsified', async () => {
    const { slack, app, ts } = await asked();
    const { request } = await slack.click({ user: 'U1', ts, actionId: 'approve' });
    const again = (body: string) => fetch(request!.url, { method: 'POST', headers: request!.headers, body });
    expect((await again(request!.body)).status).toBe(200);
    expect((await again(`${request!.body}x`)).status).toBe(401);
    expect(app.received[0]?.body).toBe(request!.body);
  });

  it('tells the user of an app that answers anything but 200, too late, or not at all', async () => {
    const bad = await asked(() => ({ status: 500 }));
    expect((await bad.slack.click({ user: 'U1', ts: bad.ts, actionId: 'approve' })).trouble).toBe(
      'The app answered 500, where Slack wants 200.',
    );
    const late = await asked(() => ({ never: true }), { patience: 50 });
    expect((await late.slack.click({ user: 'U1', ts: late.ts, actionId: 'approve' })).trouble).toBe(
      'The app did not answer within 0.05 seconds.',
    );
    const gone = await asked(undefined, { workspace: { requestUrl: 'http://127.0.0.1:1/' } });
    expect((await gone.slack.click({ user: 'U1', ts: gone.ts, actionId: 'approve' })).trouble).toMatch(
      /^The app could not be reached/,
    );
  });

  it('is possible only for buttons that are there and people who see them', async () => {
    const { slack, ts, call } = await asked();
    await expect(slack.click({ user: 'U1', ts, actionId: 'delete' })).rejects.toThrow('there is approve, reject');
    await expect(slack.click({ user: 'U7', ts, actionId: 'approve' })).rejects.toThrow(`no message ${ts} that U7 sees`);
    const { ts: secret } = await call('chat.postMessage', { channel: 'C2', text: 'x', blocks: APPROVAL });
    await expect(slack.click({ user: 'U1', ts: secret, actionId: 'approve' })).rejects.toThrow('has no message');
    await call('chat.update', { channel: 'C1', ts, text: 'done' });
    await expect(slack.click({ user: 'U1', ts, actionId: 'approve' })).rejects.toThrow('there is none');
  });

  it('leaves the message itself out for what one person sees', async () => {
    const { slack, app, call } = await asked();
    const { message_ts: ts } = await call('chat.postEphemeral', { channel: 'C1', user: 'U2', blocks: APPROVAL });
    await expect(slack.click({ user: 'U1', ts, actionId: 'approve' })).rejects.toThrow('has no message');
    await slack.click({ user: 'U2', ts, actionId: 'approve' });
    expect(app.payloads()[0].container.is_ephemeral).toBe(true);
    expect(app.payloads()[0].message).toBeUndefined();
  });

  test.each([
    [false, 0],
    [true, 1],
  ])('of an incoming webhook reaches the app: %s, as the switch says', async (webhookButtons, requests) => {
    const { slack, app, endpoint } = await asked(undefined, { workspace: { switches: { webhookButtons } } });
    await fetch(`${endpoint}/slack/webhook/hook1`, { method: 'POST', body: JSON.stringify({ blocks: APPROVAL }) });
    const { trouble } = await slack.click({ user: 'U1', ts: slack.messages()[1]!.ts, actionId: 'approve' });
    expect(app.received).toHaveLength(requests);
    expect(trouble === undefined).toBe(webhookButtons);
  });
});

describe('a trigger', () => {
  it('opens one modal, within three seconds', async () => {
    const clock = virtualClock();
    const { slack, app, ts, call } = await asked(undefined, { clock });
    await slack.click({ user: 'U1', ts, actionId: 'reject' });
    await slack.click({ user: 'U1', ts, actionId: 'reject' });
    const [first, second] = app.payloads().map(({ trigger_id }) => trigger_id);
    expect(
      (await call('views.open', { trigger_id: first, view: { ...REASON, title: plain('x'.repeat(25)) } })).error,
    ).toBe('invalid_arguments');
    expect(await call('views.open', { trigger_id: first, view: REASON })).toMatchObject({
      ok: true,
      view: { type: 'modal' },
    });
    expect((await call('views.open', { trigger_id: first, view: REASON })).error).toBe('exchanged_trigger_id');
    await clock.sleep(3000);
    expect((await call('views.open', { trigger_id: second, view: REASON })).error).toBe('expired_trigger_id');
    expect((await call('views.open', { trigger_id: '1.2.abc', view: REASON })).error).toBe('invalid_trigger_id');
  });
});

describe('a modal', () => {
  it('is submitted with what is filled in, and closed by an empty answer', async () => {
    const { slack, app, viewId, opened } = await asking();
    expect(await slack.submit({ user: 'U1', viewId, values: { reason: 'too risky' } })).toMatchObject({ status: 200 });
    expect(app.payloads()[1]).toMatchObject({
      type: 'view_submission',
      user: { id: 'U1', team_id: 'T1' },
      team: { id: 'T1' },
      view: {
        id: viewId,
        callback_id: 'reject',
        private_metadata: 'request-1',
        hash: opened.view.hash,
        state: { values: { reason: { text: { type: 'plain_text_input', value: 'too risky' } } } },
      },
    });
    expect(slack.views()).toEqual([]);
  });

  it('is not sent while a required input is empty or too short', async () => {
    const { slack, app, viewId } = await asking();
    expect(await slack.submit({ user: 'U1', viewId })).toEqual({
      errors: { reason: 'Please complete this required field.' },
    });
    expect(await slack.submit({ user: 'U1', viewId, values: { reason: 'no' } })).toEqual({
      errors: { reason: 'Please enter at least 3 characters.' },
    });
    expect(app.payloads()).toHaveLength(1);
    await expect(slack.submit({ user: 'U1', viewId, values: { why: 'x' } })).rejects.toThrow('it has reason');
    await expect(slack.submit({ user: 'U2', viewId })).rejects.toThrow(`no modal ${viewId} open before U2`);
  });

  it('stays open with the errors that the app finds, and with what was entered', async () => {
    const refuse = (payload: Json) =>
      payload.type === 'view_submission'
        ? { body: JSON.stringify({ response_action: 'errors', errors: { reason: 'Say more.' } }) }
        : {};
    const { slack, viewId } = await asking(refuse);
    expect(await slack.submit({ user: 'U1', viewId, values: { reason: 'because' } })).toMatchObject({
      errors: { reason: 'Say more.' },
    });
    expect(slack.view('T1', 'U1')).toMatchObject({
      id: viewId,
      errors: { reason: 'Say more.' },
      entered: { reason: 'because' },
    });
  });

  it('is replaced or cleared as the app answers', async () => {
    const next = { type: 'modal', title: plain('Thanks'), blocks: [{ type: 'section', text: plain('Recorded') }] };
    const answers = [
      {},
      { body: JSON.stringify({ response_action: 'update', view: next }) },
      { body: JSON.stringify({ response_action: 'clear' }) },
    ];
    const { slack, viewId } = await asking(() => answers.shift() ?? {});
    await slack.submit({ user: 'U1', viewId, values: { reason: 'because' } });
    expect(slack.view('T1', 'U1')?.title.text).toBe('Thanks');
    await slack.submit({ user: 'U1', viewId });
    expect(slack.views()).toEqual([]);
  });

  test.each([
    'ok',
    '{"response_action":"push","view":{}}',
    '{"response_action":"errors","errors":{"nothing":"x"}}',
    '{"response_action":"update","view":{}}',
  ])('stays open when the app answers %s, and the user is told', async (body) => {
    const { slack, viewId } = await asking((payload) => (payload.type === 'view_submission' ? { body } : {}));
    expect((await slack.submit({ user: 'U1', viewId, values: { reason: 'because' } })).trouble).toMatch(
      /^The app's answer does not fit/,
    );
    expect(slack.views()).toHaveLength(1);
  });

  it('is changed by views.update, unless somebody else was faster', async () => {
    const { call, slack, viewId, opened } = await asking();
    const view = { ...REASON, title: plain('Really?') };
    expect(await call('views.update', { view_id: viewId, hash: opened.view.hash, view })).toMatchObject({ ok: true });
    expect(slack.view('T1', 'U1')?.title.text).toBe('Really?');
    expect((await call('views.update', { view_id: viewId, hash: opened.view.hash, view })).error).toBe('hash_conflict');
    await slack.close({ user: 'U1', viewId });
    expect((await call('views.update', { view_id: viewId, view })).error).toBe('not_found');
  });

  it('tells the app that it was closed only if asked to', async () => {
    const quiet = await asking();
    await quiet.slack.close({ user: 'U1', viewId: quiet.viewId });
    expect(quiet.app.payloads()).toHaveLength(1);
    const told = await asking(undefined, { ...REASON, notify_on_close: true });
    await told.slack.close({ user: 'U1', viewId: told.viewId });
    expect(told.app.payloads()[1]).toMatchObject({
      type: 'view_closed',
      view: { callback_id: 'reject' },
      is_cleared: false,
    });
  });

  it('has buttons and choices of its own', async () => {
    const options = ['low', 'high'].map((value) => ({ text: plain(value), value }));
    const view = {
      ...REASON,
      blocks: [
        {
          type: 'input',
          block_id: 'risk',
          label: plain('Risk'),
          element: { type: 'static_select', action_id: 'a', options },
        },
        {
          type: 'input',
          block_id: 'checks',
          label: plain('Checks'),
          optional: true,
          element: { type: 'checkboxes', action_id: 'b', options },
        },
        {
          type: 'actions',
          block_id: 'more',
          elements: [{ type: 'button', action_id: 'show', text: plain('Show all') }],
        },
      ],
    };
    const { slack, app, viewId } = await asking(undefined, view);
    await slack.click({ user: 'U1', viewId, actionId: 'show' });
    expect(app.payloads()[1]).toMatchObject({
      container: { type: 'view', view_id: viewId },
      view: { id: viewId },
      actions: [{ action_id: 'show' }],
    });
    expect(app.payloads()[1].response_url).toBeUndefined();
    await expect(slack.submit({ user: 'U1', viewId, values: { risk: 'none' } })).rejects.toThrow('low, high');
    await slack.submit({ user: 'U1', viewId, values: { risk: 'high', checks: ['low', 'high'] } });
    expect(app.payloads()[2].view.state.values).toMatchObject({
      risk: { a: { selected_option: { value: 'high' } } },
      checks: { b: { selected_options: [{ value: 'low' }, { value: 'high' }] } },
    });
  });
});

describe('a response_url', () => {
  const answer = async (url: string, body: object) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.text() };
  };

  it('works five times, for half an hour', async () => {
    const clock = virtualClock();
    const { slack, app, ts } = await asked(undefined, { clock });
    await slack.click({ user: 'U1', ts, actionId: 'approve' });
    await slack.click({ user: 'U1', ts, actionId: 'approve' });
    const [first, second] = app.payloads().map(({ response_url }) => response_url);
    for (let use = 0; use < 5; use += 1) expect((await answer(first, { text: 'x' })).body).toBe('ok');
    expect(await answer(first, { text: 'x' })).toEqual({ status: 404, body: 'used_url' });
    await clock.sleep(30 * 60_000);
    expect(await answer(second, { text: 'x' })).toEqual({ status: 404, body: 'expired_url' });
  });

  it('answers the one person, everybody, or replaces or deletes the message', async () => {
    const { slack, app, ts } = await asked();
    await slack.click({ user: 'U1', ts, actionId: 'approve' });
    const { response_url: url } = app.payloads()[0];
    await answer(url, { text: 'for you' });
    await answer(url, { text: 'for all', response_type: 'in_channel' });
    await answer(url, { text: 'instead', replace_original: true });
    expect(slack.messages().map(({ text, ephemeralTo }) => [text, ephemeralTo])).toEqual([
      ['instead', undefined],
      ['for you', 'U1'],
      ['for all', undefined],
    ]);
    await answer(url, { delete_original: true });
    expect(slack.messages()).toHaveLength(2);
  });
});

describe('a link in a message', () => {
  const posted = async (args: (url: string) => object) => {
    const app = await fakeApp();
    const { call, slack } = await slackWith();
    await call('chat.postMessage', { channel: 'C1', text: 'fallback', ...args(app.url) });
    await slack.unfurled();
    return { app, slack };
  };
  const block = (text: string) => [{ type: 'section', text: { type: 'mrkdwn', text } }];

  it('is fetched by Slack, as its link expander', async () => {
    const { app, slack } = await posted((url) => ({ blocks: block(`see <${url}/approvals/1?a=1&amp;b=2|the page>.`) }));
    expect(app.received).toMatchObject([
      {
        method: 'GET',
        path: '/approvals/1?a=1&b=2',
        headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' },
      },
    ]);
    expect(slack.messages()[0]?.unfurls).toEqual([{ url: `${app.url}/approvals/1?a=1&b=2`, status: 200 }]);
  });

  it('is fetched even when only one kind of preview is turned off', async () => {
    const { app } = await posted((url) => ({ text: `see ${url}/x`, unfurl_links: false }));
    expect(app.received).toHaveLength(1);
  });

  it('is left alone when all previews are turned off, also when the message is changed', async () => {
    const app = await fakeApp();
    const { call, slack } = await slackWith();
    const { ts } = await call('chat.postMessage', {
      channel: 'C1',
      text: `${app.url}/x`,
      unfurl_links: false,
      unfurl_media: false,
    });
    await call('chat.update', { channel: 'C1', ts, text: `${app.url}/y` });
    await slack.unfurled();
    expect(app.received).toEqual([]);
  });

  it('is left alone when it leads off this machine', async () => {
    const { slack } = await posted(() => ({ text: 'https://example.com/x and http://127.0.0.1.example.com/' }));
    expect(slack.messages()[0]?.unfurls.map(({ status }) => status)).toEqual([undefined, undefined]);
  });
});
