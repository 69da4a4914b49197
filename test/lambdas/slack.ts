import { createHmac } from 'node:crypto';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, vi } from 'vitest';
import { asked } from '../approval/request.ts';
import { mocks } from './harness.ts';

export const BOT_TOKEN = 'xoxb-canary-token';
export const SIGNING_SECRET = 'canary-signing-secret';

/** Slack, which answers as it is told, and the secret of the app; gives what Slack was told. */
export const inSlack = (answer: { ok: boolean; error?: string } = { ok: true }) => {
  const calls: { method: string; authorization: string; body: Record<string, unknown> }[] = [];
  beforeEach(() => {
    calls.length = 0;
    const SecretString = JSON.stringify({ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET });
    mocks.secrets.on(GetSecretValueCommand, { SecretId: 'lockstep/slack' }).resolves({ SecretString });
    vi.stubGlobal('fetch', async (url: URL, init: { body: string; headers: Record<string, string> }) => {
      const method = String(url).replace('https://slack.com/api/', '');
      calls.push({ method, authorization: init.headers.authorization ?? '', body: JSON.parse(init.body) });
      return Response.json(answer);
    });
  });
  afterEach(() => vi.unstubAllGlobals());
  return calls;
};

/** What a button, and the modal that it opens, carry. */
export const carried = JSON.stringify({ run: 'run-1', planDigest: asked().planDigest });

/** A request of Slack's as API Gateway hands it on. */
export const fromSlack = (payload: object, it: { secret?: string; at?: number; path?: string } = {}) => {
  const { secret = SIGNING_SECRET, at = Math.floor(Date.now() / 1000), path = '/slack/interactions' } = it;
  const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
  return {
    ...{ version: '2.0', rawPath: path, rawQueryString: '' },
    headers: {
      ...{ host: 'approve.example', 'content-type': 'application/x-www-form-urlencoded' },
      ...{ 'x-slack-signature': signature, 'x-slack-request-timestamp': String(at) },
    },
    requestContext: { http: { method: 'POST', path }, domainName: 'approve.example' },
    ...{ body: Buffer.from(body).toString('base64'), isBase64Encoded: true },
  };
};
