import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../../../lib/local/clock.ts';
import { type LocalCloud, openCloud } from '../../../lib/local/cloud.ts';
import { assemblyOf, temporary } from '../cloud-harness.ts';
import { role } from '../iam/stack.ts';
import { type Signed, send, signed } from './signed.ts';

const route = (RouteKey: string, AuthorizationType?: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ...{ ApiId: { Ref: 'Api' }, RouteKey, Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] } },
    ...(AuthorizationType ? { AuthorizationType } : {}),
  },
});
const stage = (StageName: string) => ({
  Type: 'AWS::ApiGatewayV2::Stage',
  Properties: { ApiId: { Ref: 'Api' }, StageName, AutoDeploy: true },
});

const Resources = {
  Role: role('lambda.amazonaws.com'),
  F: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...{ Runtime: 'nodejs24.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
      Code: { ZipFile: 'exports.handler = async (event) => event;' },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      ...{ FunctionName: { Ref: 'F' }, Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' },
    },
  },
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'pages', ProtocolType: 'HTTP' } },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ...{ ApiId: { Ref: 'Api' }, IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' },
      IntegrationUri: { 'Fn::GetAtt': ['F', 'Arn'] },
    },
  },
  Decide: route('POST /requests/{id}/decision', 'AWS_IAM'),
  Read: route('GET /requests/{id}', 'AWS_IAM'),
  Any: route('ANY /any/{proxy+}', 'AWS_IAM'),
  Open: route('GET /open', 'NONE'),
  Default: stage('$default'),
  Named: stage('dev'),
};

let cloud: LocalCloud;
let api: string;
let apiId: string;
const lines: string[] = [];
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-'));
  const assembly = mkdtempSync(join(directory, 'cdk.out-'));
  const clock = virtualClock(new Date());
  cloud = await openCloud({ directory, clock, log: (line) => lines.push(line) });
  const [stack] = await cloud.deploy(assemblyOf({ Orders: { Resources } }, { directory: assembly }));
  api = stack!.resources.Api!.attributes.ApiEndpoint!;
  apiId = stack!.resources.Api!.ref;
  return async () => {
    await cloud.stop();
    rmSync(directory, { recursive: true, force: true });
  };
});

const INVOKE = (resource: string) => [
  {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:us-east-1:000000000000:${resource}`,
  },
];
const ANYTHING = [{ Effect: 'Allow' as const, Action: 'execute-api:Invoke', Resource: '*' }];
const FORBIDDEN = { status: 403, body: '{"message":"Forbidden"}' };
const user = (statements: typeof ANYTHING = ANYTHING, name = 'anna') => cloud.createUser({ name, statements });
const call = async (path: string, ...more: [Parameters<typeof signed>[1], Parameters<typeof signed>[2]?]) =>
  send(await signed(`${api}${path}`, ...more));

describe('a route with AWS_IAM', () => {
  test('tells the function which user has called', async () => {
    const { arn, accessKey } = user();
    const { status, body } = await call('/requests/r1/decision?a=1&b=x%20y&a=0', accessKey, {
      method: 'POST',
      body: '{"decision":"approve"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(200);
    const userId = expect.stringMatching(/^AIDA[A-Z2-7]{17}$/);
    const event = JSON.parse(body);
    expect(event).toMatchObject({ body: '{"decision":"approve"}', pathParameters: { id: 'r1' } });
    expect(event.requestContext.authorizer).toEqual({
      iam: {
        accessKey: accessKey.accessKeyId,
        accountId: '000000000000',
        callerId: userId,
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: arn,
        userId,
      },
    });
    expect(arn).toBe('arn:aws:iam::000000000000:user/anna');
  });

  test('tells the function which session of which role has called', async () => {
    const credentials = cloud
      .createRole({ name: 'Approver', path: '/team/', statements: ANYTHING })
      .session('bea@example.com');
    const { iam } = JSON.parse((await call('/requests/r1', credentials)).body).requestContext.authorizer;
    expect(iam).toMatchObject({
      userArn: 'arn:aws:sts::000000000000:assumed-role/Approver/bea@example.com',
      userId: expect.stringMatching(/^AROA[A-Z2-7]{17}:bea@example.com$/),
    });
  });

  test('lets the account’s owner call, by the credentials of the environment', async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment();
    const { body } = await call('/requests/r1', { accessKeyId, secretAccessKey });
    expect(JSON.parse(body).requestContext.authorizer.iam).toMatchObject({
      userArn: 'arn:aws:iam::000000000000:root',
      userId: '000000000000',
    });
  });

  test('refuses what is not signed, or by a key that nobody was given, and keeps the reason for the log', async () => {
    const unsigned = await fetch(`${api}/requests/r1`);
    expect({ status: unsigned.status, body: await unsigned.text() }).toEqual(FORBIDDEN);
    expect(lines.at(-1)).toBe('pages GET /requests/{id}: The request has no AWS Signature Version 4.');
    expect(await call('/requests/r1', { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'local' })).toEqual(FORBIDDEN);
    expect(lines.at(-1)).toBe('pages GET /requests/{id}: The security token included in the request is invalid.');
  });

  test.each<[string, (it: Signed) => void]>([
    ['another method', (it) => (it.method = 'PUT')],
    ['another path', (it) => (it.path = it.path.replace('r1', 'r2'))],
    ['a path that comes to the same', (it) => (it.path = it.path.replace('r1', 'x/../r1'))],
    ['another query', (it) => (it.query = { a: '2' })],
    ['a query it did not have', (it) => (it.query = { ...it.query, b: '' })],
    ['another body', (it) => (it.body = 'no')],
    ['no body', (it) => (it.body = undefined)],
    ['another type of body', (it) => (it.headers['content-type'] = 'text/html')],
    [
      'another date',
      (it) => (it.headers['x-amz-date'] = it.headers['x-amz-date']!.replace(/.Z$/, (z) => `${9 - Number(z[0])}Z`)),
    ],
    ['another host', (it) => (it.headers.host = `localhost:${it.port}`)],
    ['another key', (it) => (it.headers.authorization = it.headers.authorization!.replace(/AKIA\w+/, 'AKIAOTHER'))],
    ['a session token that it needs not', (it) => (it.headers['x-amz-security-token'] = 'x')],
    ['no date', (it) => delete it.headers['x-amz-date']],
    [
      'a signature of zeros',
      (it) => (it.headers.authorization = it.headers.authorization!.replace(/\w{64}$/, '0'.repeat(64))),
    ],
  ])('refuses a signature sent with %s', async (_, change) => {
    const { accessKey } = user();
    const headers = { 'content-type': 'text/plain' };
    const make = () => signed(`${api}/any/r1?a=1`, accessKey, { method: 'POST', body: 'yes', headers });
    expect((await send(await make())).status).toBe(200);
    const request = await make();
    change(request);
    expect(await send(request)).toEqual(FORBIDDEN);
  });

  test.each([
    ['for another service', { service: 'states' }, "Credential should be scoped to correct service: 'execute-api'."],
    ['for another Region', { region: 'eu-west-1' }, 'Credential should be scoped to a valid region.'],
    ['six minutes ago', { at: new Date(Date.now() - 360_000) }, 'Signature expired'],
    ['in six minutes', { at: new Date(Date.now() + 360_000) }, 'Signature not yet current'],
    ['for whatever host', { without: 'host' }, "must be a 'SignedHeader'"],
  ])('refuses what was signed %s', async (_, more, reason) => {
    expect(await call('/requests/r1', user().accessKey, more)).toEqual(FORBIDDEN);
    expect(lines.at(-1)).toContain(reason);
  });

  test('refuses a wrong secret, and a session’s key without its token', async () => {
    const { accessKey } = user();
    expect(await call('/requests/r1', { ...accessKey, secretAccessKey: 'wrong' })).toEqual(FORBIDDEN);
    const { sessionToken: _, ...key } = cloud.createRole({ name: 'R', statements: ANYTHING }).session('s-1');
    expect(await call('/requests/r1', key)).toEqual(FORBIDDEN);
  });

  test.each([
    ['another API’s', () => 'abcdef0123/*'],
    ['another stage’s', () => `${apiId}/dev/*`],
    ['another method’s', () => `${apiId}/*/GET/any/*`],
    ['another path’s', () => `${apiId}/*/POST/any/r2`],
  ])('refuses who may invoke %s only', async (_, resource) => {
    const { accessKey } = user(INVOKE(resource()));
    expect(await call('/any/r1', accessKey, { method: 'POST' })).toEqual(FORBIDDEN);
    expect(lines.at(-1)).toBe(
      `pages ANY /any/{proxy+}: User: arn:aws:iam::000000000000:user/anna is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:000000000000:${apiId}/$default/POST/any/r1 because no identity-based policy allows the execute-api:Invoke action`,
    );
  });

  test('asks for the stage, the method and the path of the request, not of the route', async () => {
    const allowed = async (path: string, resource: string) =>
      (await call(path, user(INVOKE(resource)).accessKey, { method: 'POST' })).status;
    expect(await allowed('/any/r1', `${apiId}/$default/POST/any/r1`)).toBe(200);
    expect(await allowed('/any/r1', `${apiId}/*/POST/any/*`)).toBe(200);
    expect(await allowed('/dev/any/r1', `${apiId}/dev/POST/any/r1`)).toBe(200);
    expect(await allowed('/any/r1', `${apiId}/*/ANY/any/*`)).toBe(403);
  });

  test('heeds a Deny', async () => {
    const Deny = { Effect: 'Deny' as const, Action: 'execute-api:*', Resource: '*' };
    const { accessKey } = cloud.createUser({ name: 'denied', statements: [...ANYTHING, Deny] });
    expect(await call('/requests/r1', accessKey)).toEqual(FORBIDDEN);
    expect(lines.at(-1)).toContain('with an explicit deny in an identity-based policy');
  });

  test('refuses credentials that have expired', async () => {
    const clock = virtualClock(new Date());
    const other = await openCloud({ directory: temporary(), clock });
    onTestFinished(() => other.stop());
    const [stack] = await other.deploy(assemblyOf({ Orders: { Resources } }));
    const url = `${stack!.resources.Api!.attributes.ApiEndpoint}/requests/r1`;
    const credentials = other.createRole({ name: 'R', statements: ANYTHING }).session('s-1');
    expect((await send(await signed(url, credentials))).status).toBe(200);
    await clock.sleep(3_600_000);
    expect((await send(await signed(url, credentials))).status).toBe(403);
  });
});

test('a route that is open to everyone names nobody, signed or not', async () => {
  const { body } = await call('/open', user().accessKey);
  expect(JSON.parse(body).requestContext).not.toHaveProperty('authorizer');
});

test('a route with another kind of authorizer is refused at deployment', async () => {
  const Jwt = route('GET /jwt', 'JWT');
  await expect(cloud.deploy(assemblyOf({ Other: { Resources: { ...Resources, Jwt } } }))).rejects.toThrow(
    'AuthorizationType',
  );
});
