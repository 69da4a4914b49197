import { expect, it } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { httpApis } from '../../../lib/local/http-api/http-api.ts';
import { match } from '../../../lib/local/http-api/routes.ts';
import { functionsOf, listening, place, signedFor } from '../cloud-harness.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const opened = async (source: string, { keys = ['ANY /{proxy+}'], stages = ['$default'], permitted = true } = {}) => {
  const functions = functionsOf({ f: source });
  const lines: string[] = [];
  const authorize = () => ({ refused: 'nobody' });
  const apis = httpApis({ place, clock: realClock, functions, authorize, log: (line) => lines.push(line) });
  apis.create('abc', 'pages');
  apis.integrate('abc', 'i', ARN);
  for (const key of keys) apis.addRoute('abc', key, 'integrations/i', 'NONE');
  for (const stage of stages) apis.addStage('abc', stage);
  if (permitted) {
    const sourceArn = 'arn:aws:execute-api:us-east-1:000000000000:abc/*/*';
    functions.permit('f', { principal: 'apigateway.amazonaws.com', sourceArn });
  }
  const { endpoint } = await listening({}, apis.service);
  return {
    lines,
    call: (path: string, init: RequestInit = {}) =>
      fetch(`${endpoint}/apis/abc${path}`, { redirect: 'manual', ...init }),
  };
};
const ECHO = 'exports.handler = async (event) => event;';
const answering = (result: string) => `exports.handler = async () => (${result});`;

it('hands the request over in payload format 2.0', async () => {
  const { call } = await opened(ECHO, { keys: ['GET /approvals/{id}'] });
  const response = await call('/approvals/x%20y?a=1&a=2&b=%26', {
    headers: { 'X-Thing': 'Yes', cookie: 'k=v; l=w', 'user-agent': 'me' },
  });
  expect(await response.json()).toMatchObject({
    version: '2.0',
    routeKey: 'GET /approvals/{id}',
    rawPath: '/approvals/x%20y',
    rawQueryString: 'a=1&a=2&b=%26',
    cookies: ['k=v', 'l=w'],
    headers: { 'x-thing': 'Yes', 'x-forwarded-proto': 'http' },
    queryStringParameters: { a: '1,2', b: '&' },
    pathParameters: { id: 'x y' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abc',
      http: { method: 'GET', path: '/approvals/x%20y', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
      routeKey: 'GET /approvals/{id}',
      stage: '$default',
    },
    isBase64Encoded: false,
  });
});

it.each([
  ['application/json', '{"a":1}', '{"a":1}', false],
  ['text/plain', 'ü', 'ü', false],
  ['application/x-www-form-urlencoded', 'a=1', 'YT0x', true],
  ['application/octet-stream', '\u0000', 'AA==', true],
])('hands a body of %s over as AWS does', async (type, body, seen, isBase64Encoded) => {
  const { call } = await opened(ECHO);
  const response = await call('/x', { method: 'POST', headers: { 'content-type': type }, body });
  expect(await response.json()).toMatchObject({ body: seen, isBase64Encoded });
});

it('answers as the function says', async () => {
  const { call } = await opened(
    answering(
      `{ statusCode: 303, headers: { Location: '/y', 'X-N': 1 }, cookies: ['a=1; Path=/', 'b=2'], body: 'aGk=', isBase64Encoded: true }`,
    ),
  );
  const response = await call('/x');
  expect([response.status, response.headers.get('location'), response.headers.get('x-n')]).toEqual([303, '/y', '1']);
  expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
  expect(await response.text()).toBe('hi');
});

it.each([
  ['an object without statusCode', '{ a: 1 }', '{"a":1}'],
  ['a text', '"hello"', 'hello'],
])('takes %s for the body of a JSON answer', async (_, result, body) => {
  const { call } = await opened(answering(result));
  const response = await call('/x');
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
    200,
    'application/json',
    body,
  ]);
});

it.each([
  ['the function fails', 'exports.handler = async () => { throw new Error("secret detail"); };'],
  ['the status is none', answering('{ statusCode: "high" }')],
  ['the body is none', answering('{ statusCode: 200, body: { a: 1 } }')],
  ['a header can’t be sent', answering('{ statusCode: 200, headers: { a: "b\\nc: d" } }')],
])('answers 500 without a detail if %s', async (_, source) => {
  const { call } = await opened(source);
  const response = await call('/x');
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).not.toContain('secret');
});

it('answers 500 to a route that may not invoke its function, and says why in the log', async () => {
  const { call, lines } = await opened(ECHO, { permitted: false });
  expect(await (await call('/x')).json()).toEqual({ message: 'Internal Server Error' });
  expect(lines[0]).toContain('has no permission to invoke the function');
});

it('answers 404 where there is no route', async () => {
  const { call } = await opened(ECHO, { keys: ['GET /a'] });
  for (const [path, method] of [
    ['/b', 'GET'],
    ['/a', 'POST'],
    ['/a/b', 'GET'],
  ] as const) {
    const response = await call(path, { method });
    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
  }
});

it('takes a method for itself only: no route for GET answers HEAD, and none answers OPTIONS by itself', async () => {
  const { call } = await opened(answering('{ statusCode: 200 }'), { keys: ['GET /a', 'POST /a', 'ANY /b'] });
  const status = async (path: string, method: string) => (await call(path, { method })).status;
  expect([await status('/a', 'GET'), await status('/a', 'HEAD'), await status('/a', 'OPTIONS')]).toEqual([
    200, 404, 404,
  ]);
  expect([await status('/b', 'HEAD'), await status('/b', 'OPTIONS')]).toEqual([200, 200]);
});

it('pays no attention to the Authorization header of a request to a route that is open to everyone', async () => {
  const { call } = await opened(ECHO);
  for (const authorization of ['Bearer x', signedFor('execute-api').authorization, signedFor('s3').authorization]) {
    const event = await (await call('/x', { headers: { authorization } })).json();
    expect(event).toMatchObject({ headers: { authorization } });
    expect(event).not.toHaveProperty('requestContext.authorizer');
  }
});

it('takes a named stage off the path before it looks for a route, but shows it to the function', async () => {
  const { call } = await opened(ECHO, { keys: ['GET /a'], stages: ['dev'] });
  expect(await (await call('/dev/a')).json()).toMatchObject({ rawPath: '/dev/a', requestContext: { stage: 'dev' } });
  expect((await call('/a')).status).toBe(404);
});

it.each([
  ['GET', '/pets/7', 'GET /pets/{id}'],
  ['POST', '/pets/7', 'ANY /pets/{id}'],
  ['GET', '/pets/all', 'GET /pets/all'],
  ['GET', '/pets/7/x/y', 'GET /pets/{proxy+}'],
  ['GET', '/', '$default'],
])('matches %s %s with the most specific route', (method, path, expected) => {
  const keys = ['$default', 'GET /pets/{proxy+}', 'ANY /pets/{id}', 'GET /pets/{id}', 'GET /pets/all'];
  expect(
    match(
      keys.map((key) => ({ key, functionArn: ARN, authorization: 'NONE' })),
      method,
      path,
    )?.route.key,
  ).toBe(expected);
});
