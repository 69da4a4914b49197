import { request } from 'node:http';
import { expect, it } from 'vitest';
import { serve } from '../../lib/local/server.ts';
import type { Service } from '../../lib/local/service.ts';
import { listening, signedFor } from './cloud-harness.ts';

const echo: Service = async ({ principal, path, body }) => ({ status: 200, body: `${principal} ${path} ${body}` });

const call = (endpoint: string, headers: Record<string, string>, method = 'POST', path = '/x') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request(endpoint + path, { method, headers }, (incoming) => {
      let body = '';
      incoming.on('data', (chunk) => (body += chunk)).on('end', () => resolve({ status: incoming.statusCode!, body }));
    });
    outgoing.on('error', reject).end(method === 'POST' ? 'hello' : undefined);
  });

it('hands a signed request to the service its credential scope names, with who signed it', async () => {
  const { endpoint } = await listening({ s3: async () => ({ status: 500 }), sns: echo });
  expect(await call(endpoint, signedFor('sns', 'AKIDEXAMPLE'))).toEqual({ status: 200, body: 'AKIDEXAMPLE /x hello' });
});

it('answers 404 for a service it does not have', async () => {
  const { endpoint } = await listening({ sns: echo });
  const { status, body } = await call(endpoint, signedFor('sqs'));
  expect(status).toBe(404);
  expect(JSON.parse(body).message).toBe('The local cloud has no service "sqs".');
});

it('does not take a service name for a property of every object', async () => {
  const { endpoint } = await listening({});
  expect((await call(endpoint, signedFor('constructor'))).status).toBe(404);
});

it('refuses what is not signed, and what is signed otherwise', async () => {
  const { endpoint } = await listening({ sns: echo });
  expect(JSON.parse((await call(endpoint, {})).body).code).toBe('MissingAuthenticationToken');
  expect(JSON.parse((await call(endpoint, { authorization: 'Bearer x' })).body).code).toBe('IncompleteSignature');
});

it('refuses a host name that is not loopback, as a rebound one is', async () => {
  const { endpoint } = await listening({ sns: echo });
  const { status, body } = await call(endpoint, { ...signedFor('sns'), host: 'evil.example.com' });
  expect(status).toBe(403);
  expect(JSON.parse(body).code).toBe('ForbiddenHost');
  expect((await call(endpoint, { ...signedFor('sns'), host: 'bucket.localhost:1234' })).status).toBe(200);
});

it('refuses AWS calls that a web page makes, even with a forged signature', async () => {
  const { endpoint } = await listening({ sns: echo });
  expect((await call(endpoint, { ...signedFor('sns'), origin: 'https://evil.example.com' })).status).toBe(403);
});

it('takes presigned addresses for S3 only', async () => {
  const { endpoint } = await listening({ sns: echo, s3: echo });
  const presigned = (service: string) =>
    `/x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=me%2F20260105%2Fus-east-1%2F${service}%2Faws4_request&X-Amz-SignedHeaders=host&X-Amz-Signature=${'a'.repeat(64)}`;
  expect(await call(endpoint, {}, 'GET', presigned('s3'))).toEqual({ status: 200, body: 'me /x ' });
  expect((await call(endpoint, {}, 'GET', presigned('sns'))).status).toBe(403);
});

it('refuses a body above its limit', async () => {
  const { endpoint } = await listening({ sns: echo });
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: signedFor('sns'),
    body: Buffer.alloc(18 * 2 ** 20),
  });
  expect(response.status).toBe(413);
});

it('hands unsigned requests under /apis/ to the HTTP APIs', async () => {
  const { endpoint } = await listening({}, echo);
  expect(await call(endpoint, {}, 'GET', '/apis/abc/y')).toEqual({ status: 200, body: 'anonymous /apis/abc/y ' });
});

it('names a port that is taken', async () => {
  const { endpoint } = await listening({});
  const port = Number(new URL(endpoint).port);
  await expect(serve(port, { services: {}, apis: echo, principal: String })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken. Choose another, or none to get a free one.`,
  );
});
