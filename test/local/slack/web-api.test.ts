import { describe, expect, it, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { APPROVAL, slackWith, TOKEN } from './harness.ts';

describe('a caller', () => {
  test('must show a bot token that Slack knows', async () => {
    const { call, endpoint } = await slackWith();
    expect(await call('auth.test')).toMatchObject({
      ok: true,
      team_id: 'T1',
      team: 'acme',
      url: 'https://acme.slack.com/',
    });
    expect(await call('auth.test', {}, 'xoxb-other')).toEqual({ ok: false, error: 'invalid_auth', status: 200 });
    const bare = await fetch(`${endpoint}/slack/api/auth.test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: TOKEN }),
    });
    expect(await bare.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  test('may send a form, with the token in it and structures in JSON', async () => {
    const { endpoint, slack } = await slackWith();
    const body = new URLSearchParams({
      token: TOKEN,
      channel: 'C1',
      blocks: JSON.stringify(APPROVAL),
      unfurl_links: 'false',
    });
    const response = await fetch(`${endpoint}/slack/api/chat.postMessage`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ ok: true, channel: 'C1' });
    expect(slack.messages()[0]?.blocks).toHaveLength(3);
  });

  test('gets a refusal for what is neither a form nor JSON, and for methods that are not there', async () => {
    const { call, endpoint } = await slackWith();
    const send = async (init: RequestInit) => {
      const authorization = `Bearer ${TOKEN}`;
      const headers = { authorization, ...(init.headers as Record<string, string>) };
      return (
        (await (await fetch(`${endpoint}/slack/api/auth.test`, { ...init, headers })).json()) as { error: string }
      ).error;
    };
    expect(await send({ method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a' })).toBe(
      'invalid_post_type',
    );
    expect(await send({ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })).toBe(
      'invalid_json',
    );
    expect(await send({ method: 'POST', headers: { 'content-type': 'application/json' }, body: '[]' })).toBe(
      'json_not_object',
    );
    expect(await send({ method: 'GET' })).toBe('missing_post_type');
    expect(await call('chat.deleteAll')).toMatchObject({
      ok: false,
      error: 'unknown_method',
      req_method: 'chat.deleteAll',
    });
  });

  test('is told of an argument that is misspelt', async () => {
    const { call } = await slackWith();
    expect(await call('chat.postMessage', { channel: 'C1', text: 'x', unfurl_link: false })).toMatchObject({
      ok: false,
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] invalid additional property: unfurl_link [json-pointer:]'] },
    });
  });

  test('may not be a web page', async () => {
    const { endpoint } = await slackWith();
    const body = new URLSearchParams({ token: TOKEN, channel: 'C1', text: 'x' });
    const headers = { origin: 'https://evil.example.com' };
    expect((await fetch(`${endpoint}/slack/api/chat.postMessage`, { method: 'POST', body, headers })).status).toBe(403);
  });
});

describe('chat.postMessage', () => {
  it('posts to a channel by id or name and to a person, and tells the timestamp', async () => {
    const { call, slack } = await slackWith();
    const posted = await call('chat.postMessage', { channel: 'C1', text: 'hello' });
    expect(posted).toMatchObject({ ok: true, channel: 'C1', message: { text: 'hello', type: 'message', team: 'T1' } });
    expect(posted.ts).toMatch(/^\d{10}\.\d{6}$/);
    expect((await call('chat.postMessage', { channel: '#deploys', text: 'hello' })).channel).toBe('C1');
    expect((await call('chat.postMessage', { channel: 'U2', text: 'hello' })).channel).toBe('D2');
    expect(new Set(slack.messages().map(({ ts }) => ts)).size).toBe(3);
  });

  it('gives messages different timestamps while time stands still', async () => {
    const { call } = await slackWith({ clock: virtualClock() });
    const all = await Promise.all(['a', 'b', 'c'].map((text) => call('chat.postMessage', { channel: 'C1', text })));
    expect(new Set(all.map(({ ts }) => ts)).size).toBe(3);
  });

  it('refuses what is not there or not allowed', async () => {
    const { call } = await slackWith();
    const error = async (args: object) => (await call('chat.postMessage', args)).error;
    expect(await error({ channel: 'C9', text: 'x' })).toBe('channel_not_found');
    expect(await error({ channel: 'C3', text: 'x' })).toBe('not_in_channel');
    expect(await error({ channel: 'C4', text: 'x' })).toBe('is_archived');
    expect(await error({ channel: 'C1' })).toBe('no_text');
    expect(await error({ channel: 'C1', text: 'x'.repeat(40_001) })).toBe('msg_too_long');
    expect(await error({ channel: 'C1', blocks: '{' })).toBe('invalid_blocks_format');
    expect(await error({ channel: 'C1', text: 'x', thread_ts: '1.000001' })).toBe('thread_not_found');
  });
});

describe('chat.update', () => {
  it("changes the app's own message and nothing else", async () => {
    const { call, slack, endpoint } = await slackWith();
    const { ts } = await call('chat.postMessage', { channel: 'C1', text: 'waiting', blocks: APPROVAL });
    expect(await call('chat.update', { channel: 'C1', ts, text: 'approved' })).toMatchObject({
      ok: true,
      ts,
      text: 'approved',
    });
    expect(slack.messages()[0]).toMatchObject({ text: 'approved', blocks: [] });
    const error = async (args: object) => (await call('chat.update', args)).error;
    expect(await error({ channel: 'C1', ts: '1.000001', text: 'x' })).toBe('message_not_found');
    expect(await error({ channel: 'C2', ts, text: 'x' })).toBe('message_not_found');
    expect(await error({ channel: '#deploys', ts, text: 'x' })).toBe('channel_not_found');
    expect(await error({ channel: 'C1', ts, text: 'x'.repeat(4001) })).toBe('msg_too_long');
    await fetch(`${endpoint}/slack/webhook/hook1`, { method: 'POST', body: JSON.stringify({ text: 'by webhook' }) });
    expect(await error({ channel: 'C1', ts: slack.messages()[1]?.ts, text: 'x' })).toBe('cant_update_message');
  });

  it("does not reach another team's message", async () => {
    const { call, slack } = await slackWith();
    slack.addWorkspace({
      team: { id: 'T2', domain: 'other' },
      ...{ botToken: 'xoxb-other', signingSecret: 's', users: [], channels: [{ id: 'C1', name: 'deploys' }] },
    });
    const { ts } = await call('chat.postMessage', { channel: 'C1', text: 'ours' });
    expect((await call('chat.update', { channel: 'C1', ts, text: 'theirs' }, 'xoxb-other')).error).toBe(
      'message_not_found',
    );
  });
});

it('posts what one person sees only if they are in the channel', async () => {
  const { call } = await slackWith();
  expect(await call('chat.postEphemeral', { channel: 'C1', user: 'U1', text: 'psst' })).toMatchObject({ ok: true });
  expect((await call('chat.postEphemeral', { channel: 'C2', user: 'U1', text: 'x' })).error).toBe(
    'user_not_in_channel',
  );
});

it('cannot update what one person sees', async () => {
  const { call } = await slackWith();
  const { message_ts: ts } = await call('chat.postEphemeral', { channel: 'C1', user: 'U1', text: 'psst' });
  expect((await call('chat.update', { channel: 'C1', ts, text: 'x' })).error).toBe('message_not_found');
});

it('tells who a user is', async () => {
  const { call } = await slackWith();
  expect((await call('users.info', { user: 'U1' })).user.profile).toMatchObject({
    real_name: 'Ada Lovelace',
    email: 'ada@example.com',
  });
  expect((await call('users.info', { user: 'U9' })).error).toBe('user_not_found');
});

it('answers 429 with the seconds to wait once the limit is switched on and reached', async () => {
  const clock = virtualClock();
  const { call } = await slackWith({ clock, workspace: { switches: { rateLimits: true } } });
  const post = (channel: string) => call('chat.postMessage', { channel, text: 'x' });
  expect((await post('C1')).ok).toBe(true);
  expect(await post('C1')).toEqual({ ok: false, error: 'ratelimited', status: 429 });
  expect((await post('C2')).ok).toBe(true);
  await clock.sleep(1000);
  expect((await post('C1')).ok).toBe(true);
});

describe('an incoming webhook', () => {
  const post = async (endpoint: string, body: object, id = 'hook1') => {
    const response = await fetch(`${endpoint}/slack/webhook/${id}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.text() };
  };

  test('posts to its channel and tells no timestamp', async () => {
    const { endpoint, slack } = await slackWith();
    expect(await post(endpoint, { text: 'hello' })).toEqual({ status: 200, body: 'ok' });
    expect(slack.messages()).toMatchObject([{ channelId: 'C1', text: 'hello', via: 'webhook' }]);
  });

  test('refuses what Slack refuses, and another channel', async () => {
    const { endpoint } = await slackWith();
    expect(await post(endpoint, {})).toEqual({ status: 400, body: 'no_text' });
    expect(await post(endpoint, { text: 'x' }, 'hook2')).toEqual({ status: 404, body: 'no_service' });
    expect((await post(endpoint, { text: 'x', channel: 'C2' })).body).toMatch(/^invalid_payload\n/);
    expect((await post(endpoint, { blocks: [{ type: 'button' }] })).body).toMatch(/^invalid_blocks\n/);
  });
});

it('refuses workspaces that could not be', async () => {
  const { slack } = await slackWith();
  const base = { team: { id: 'T2', domain: 'x' }, botToken: 'xoxb-2', signingSecret: 's', users: [], channels: [] };
  expect(() => slack.addWorkspace({ ...base, botToken: 'xoxp-2' })).toThrow('A bot token begins with xoxb-.');
  expect(() => slack.addWorkspace({ ...base, botToken: TOKEN })).toThrow(`Another workspace has "${TOKEN}" already.`);
  expect(() => slack.addWorkspace({ ...base, requestUrl: 'https://example.com/slack' })).toThrow(
    'is not on this machine',
  );
});
