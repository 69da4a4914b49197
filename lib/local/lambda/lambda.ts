import { randomUUID } from 'node:crypto';
import { AwsError, asAwsError } from '../protocol/aws-error.ts';
import type { AwsRequest, AwsResponse, Service } from '../service.ts';
import type { asynchronous } from './asynchronous.ts';
import { type Functions, REQUEST_LIMIT } from './functions.ts';

/** AWS Lambda's REST interface: Invoke, ListFunctions, GetFunctionConfiguration. */
export const lambda =
  (functions: Functions, events: ReturnType<typeof asynchronous>): Service =>
  async (request): Promise<AwsResponse> => {
    try {
      return await dispatch(functions, events, request);
    } catch (thrown) {
      const { name, message, status, members } = asAwsError(thrown);
      return {
        status,
        headers: { ...JSON_TYPE, 'x-amzn-errortype': name },
        body: JSON.stringify({ ...members, Message: message }),
      };
    }
  };

const JSON_TYPE = { 'content-type': 'application/json' };

const dispatch = (functions: Functions, events: ReturnType<typeof asynchronous>, request: AwsRequest) => {
  const [, id, rest = ''] = /^\/2015-03-31\/functions(?:\/([^/]+)(\/.*)?)?\/?$/.exec(request.path) ?? [];
  const name = decodeURIComponent(id ?? '');
  const qualifier = request.query.get('Qualifier');
  const target = qualifier ? `${name}:${qualifier}` : name;
  if (request.method === 'POST' && rest === '/invocations') return invoke(functions, events, target, request);
  if (request.method === 'GET' && id && rest === '/configuration')
    return json(described(functions.configuration(target)));
  if (request.method === 'GET' && !id && request.path.startsWith('/2015-03-31/functions')) {
    return json({ Functions: functions.all().map(described) });
  }
  throw new AwsError(
    'UnknownOperationException',
    `The local cloud's Lambda doesn't offer ${request.method} ${request.path}.`,
    404,
  );
};

const invoke = async (
  functions: Functions,
  events: ReturnType<typeof asynchronous>,
  id: string,
  request: AwsRequest,
) => {
  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  const limit = type === 'Event' ? 2 ** 20 : REQUEST_LIMIT;
  if (request.body.length > limit) {
    const message = `${request.body.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
    throw new AwsError('RequestTooLargeException', message, 413, { Type: 'User' });
  }
  const payload = checked(request.body);
  functions.configuration(id);
  const requestId = randomUUID();
  const headers = { 'x-amzn-requestid': requestId };
  if (type === 'DryRun') return { status: 204, headers };
  if (type === 'Event') {
    events.send(id, payload, requestId);
    return { status: 202, headers };
  }
  if (type !== 'RequestResponse')
    throw new AwsError('InvalidParameterValueException', `Unknown invocation type ${type}.`);
  const { outcome, logTail } = await functions.invoke(id, payload, requestId);
  const failed = 'error' in outcome;
  return {
    status: 200,
    headers: {
      ...headers,
      ...JSON_TYPE,
      'x-amz-executed-version': '$LATEST',
      ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
      ...(request.headers['x-amz-log-type'] === 'Tail'
        ? { 'x-amz-log-result': Buffer.from(logTail).toString('base64') }
        : {}),
    },
    body: failed ? JSON.stringify(outcome.error) : outcome.payload,
  };
};

const checked = (body: Buffer) => {
  if (body.length === 0) return '{}';
  try {
    JSON.parse(body.toString());
    return body.toString();
  } catch (cause) {
    const message = `Could not parse request body into json: ${(cause as Error).message}`;
    throw new AwsError('InvalidRequestContentException', message, 400, { Type: 'User' });
  }
};

const described = (it: ReturnType<Functions['configuration']>) => ({
  FunctionName: it.name,
  FunctionArn: it.arn,
  Runtime: it.runtime,
  Role: it.roleArn,
  Handler: it.handler,
  Timeout: it.timeoutSeconds,
  MemorySize: it.memoryMegabytes,
  Version: '$LATEST',
  PackageType: 'Zip',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  LoggingConfig: { LogFormat: it.logFormat, LogGroup: it.logGroup },
});

const json = (body: object): AwsResponse => ({ status: 200, headers: JSON_TYPE, body: JSON.stringify(body) });
