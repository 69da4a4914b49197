import { randomUUID } from 'node:crypto';
import { type Xml, xml } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';
import type { FaultKind } from './plan.ts';

/** Kinds of fault that AWS answers to, in its words; the others have no answer. */
export type AnsweredKind = Exclude<FaultKind, 'reset' | 'timeout' | 'latency' | 'crash'>;

/** What a service answers when something is wrong with it, exactly as its protocol has it. */
export const answerOf = (
  service: string,
  operation: string,
  kind: AnsweredKind,
  { headers, principal }: AwsRequest,
): AwsResponse => {
  const known = SAID[service] ?? {};
  const [code, status, said] = known[kind] ?? GENERAL[kind];
  // A gateway before the service answers for it; it speaks no protocol of AWS's.
  if (code === '') return { status, headers: { 'content-type': 'text/html' }, body: '<h1>504 Gateway Time-out</h1>' };
  const denied = `User: ${principal} is not authorized to perform: ${PREFIXES[service] ?? service}:${operation || '*'}`;
  const message = kind === 'accessDenied' ? denied : said;
  if (service in NAMESPACES) return inQuery(NAMESPACES[service]!, code, status, message);
  if (service === 's3') return inS3(code, status, message);
  if (service === 'rds-data' || service === 'lambda') return inRest(service, code, status, message);
  const type = headers['content-type'] ?? 'application/x-amz-json-1.1';
  return reply(status, { 'content-type': type }, JSON.stringify({ __type: code, message }));
};

/** What a service's permissions begin with, where that isn't its signing name. */
const PREFIXES: Record<string, string> = { monitoring: 'cloudwatch' };

type Said = [code: string, status: number, message: string];

const GENERAL: Record<AnsweredKind, Said> = {
  500: ['InternalFailure', 500, 'The request processing has failed because of an unknown error.'],
  503: ['ServiceUnavailable', 503, 'The request has failed due to a temporary failure of the server.'],
  504: ['', 504, ''],
  throttling: ['ThrottlingException', 400, 'Rate exceeded'],
  accessDenied: ['AccessDeniedException', 400, ''],
  resuming: [
    'DatabaseResumingException',
    400,
    'The Aurora DB instance db-LOCAL is resuming after being auto-paused. Please wait a few seconds and try again.',
  ],
};

const QUERY: Partial<Record<AnsweredKind, Said>> = {
  throttling: ['Throttling', 400, 'Rate exceeded'],
  accessDenied: ['AccessDenied', 403, ''],
};

/** Where a service's own words differ. Three of the Data API's exceptions have no message in its model. */
const SAID: Record<string, Partial<Record<AnsweredKind, Said>>> = {
  'rds-data': {
    500: ['InternalServerErrorException', 500, ''],
    503: ['ServiceUnavailableError', 503, ''],
    504: ['DatabaseUnavailableException', 504, ''],
    accessDenied: ['AccessDeniedException', 403, ''],
  },
  lambda: {
    500: ['ServiceException', 500, 'An error occurred and the request cannot be processed.'],
    throttling: ['TooManyRequestsException', 429, 'Rate Exceeded.'],
    accessDenied: ['AccessDeniedException', 403, ''],
  },
  dynamodb: { 500: ['InternalServerError', 500, 'Internal server error'] },
  monitoring: { 500: ['InternalServiceFault', 500, 'Request processing has failed due to some unknown error.'] },
  secretsmanager: { 500: ['InternalServiceError', 500, 'An error occurred on the server side.'] },
  ssm: { 500: ['InternalServerError', 500, 'An error occurred on the server side.'] },
  // Its own name for it: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
  rds: { ...QUERY, throttling: ['ThrottlingException', 400, 'Rate exceeded'] },
  sts: QUERY,
  sns: {
    ...QUERY,
    500: ['InternalError', 500, 'Internal Error'],
    accessDenied: ['AuthorizationError', 403, ''],
  },
  s3: {
    500: ['InternalError', 500, 'We encountered an internal error. Please try again.'],
    503: ['ServiceUnavailable', 503, 'Please reduce your request rate.'],
    throttling: ['SlowDown', 503, 'Please reduce your request rate.'],
    accessDenied: ['AccessDenied', 403, ''],
  },
};

const NAMESPACES: Record<string, string> = {
  rds: 'http://rds.amazonaws.com/doc/2014-10-31/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

const inRest = (service: string, code: string, status: number, message: string) => {
  const member = service === 'lambda' ? 'Message' : 'message';
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
  return reply(status, headers, JSON.stringify(message === '' ? {} : { [member]: message }));
};

const inQuery = (namespace: string, Code: string, status: number, Message: string) => {
  const Type = status < 500 ? 'Sender' : 'Receiver';
  const body = { '@xmlns': namespace, Error: { Type, Code, Message }, RequestId: randomUUID() };
  return reply(status, { 'content-type': 'text/xml' }, document({ ErrorResponse: body }));
};

const inS3 = (Code: string, status: number, Message: string): AwsResponse => {
  const RequestId = randomUUID();
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': RequestId },
    body: document({ Error: { Code, Message, RequestId } }),
  };
};

const document = (root: { [name: string]: Xml }) => xml(root);

const reply = (status: number, headers: Record<string, string>, body: string): AwsResponse => ({
  status,
  headers: { ...headers, 'x-amzn-requestid': randomUUID() },
  body,
});
