import { randomUUID } from 'node:crypto';
import type { AwsRequest, Place } from '../service.ts';
import type { Invoker } from './iam-authorization.ts';
import type { Match } from './routes.ts';

/**
 * The event an HTTP API hands to a function, payload format 2.0.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const proxyEvent = (
  request: AwsRequest,
  { route, pathParameters }: Match,
  it: { apiId: string; stage: string; rawPath: string; now: Date; place: Place; invoker?: Invoker | undefined },
) => {
  const { cookie, ...given } = request.headers;
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, [value].flat().join(',')]));
  const host = headers.host ?? '127.0.0.1';
  const [, port = '80'] = host.split(':');
  const text = isText(headers['content-type']);
  const rawQueryString = request.query.toString();
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: it.rawPath,
    rawQueryString,
    ...(cookie ? { cookies: cookie.split('; ') } : {}),
    headers: { ...headers, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-port': port, 'x-forwarded-proto': 'http' },
    ...(rawQueryString === '' ? {} : { queryStringParameters: joined(request.query) }),
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    requestContext: {
      accountId: it.place.account,
      apiId: it.apiId,
      ...(it.invoker ? { authorizer: { iam: identity(it.place, it.invoker) } } : {}),
      domainName: host,
      domainPrefix: it.apiId,
      http: {
        method: request.method,
        path: it.rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: it.stage,
      time: commonLogTime(it.now),
      timeEpoch: it.now.getTime(),
    },
    ...(request.body.length === 0 ? {} : { body: request.body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !text,
  };
};

/** Of callers outside of Cognito and outside of an organization, two members are null. */
const identity = ({ account }: Place, { accessKeyId, principal, userId }: Invoker) => ({
  accessKey: accessKeyId,
  accountId: account,
  callerId: userId,
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: principal,
  userId,
});

/** What an HTTP API passes on as text. A form is not among them: it arrives in base64. */
const isText = (contentType = '') =>
  /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/i.test(contentType);

const joined = (query: URLSearchParams) =>
  Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));

const commonLogTime = (now: Date) => {
  const [, weekday, day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return weekday ? `${day}/${month}/${year}:${time} +0000` : '';
};
