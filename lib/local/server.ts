import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { failure } from '../failure.ts';
import { type Signature, signature } from './protocol/signature.ts';
import type { AwsRequest, AwsResponse, Service } from './service.ts';

export const PortInUse = failure(
  'PortInUse',
  ({ port }: { port: number }) => `Port ${port} on 127.0.0.1 is taken. Choose another, or none to get a free one.`,
);

export type Doors = {
  /** By the service's signing name, as it stands in the credential scope: `s3`, `rds-data`, `states` … */
  services: Record<string, Service>;
  /** Requests to `/apis/<apiId>/…`, signed or not. */
  apis: Service;
  /** Requests without AWS's signature to `/<name>` and `/<name>/…`; they check for themselves who is calling. */
  open?: Record<string, Service>;
  /** Whom an access key id belongs to. */
  principal(accessKeyId: string): string;
  /** The answer to one whose signature is wrong; undefined for all others. @default all signatures will do */
  turnAway?(request: AwsRequest, signed: Signature): AwsResponse | undefined;
};

/** The one HTTP server of the local cloud. It binds loopback only. */
export const serve = async (port: number, doors: Doors) => {
  const server = createServer((incoming, outgoing) => void handle(doors, incoming, outgoing));
  await listening(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

const listening = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? new PortInUse({ port }, { cause }) : cause),
    );
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error');
      resolve();
    });
  });

const handle = async (doors: Doors, incoming: IncomingMessage, outgoing: ServerResponse) => {
  const answer = await route(doors, incoming).catch((error: unknown) =>
    plain(500, 'InternalFailure', error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const { stream } = answer;
  if (outgoing.destroyed) return void stream?.destroy();
  if (answer.hangUp) return void incoming.socket.resetAndDestroy();
  if (stream) {
    outgoing.writeHead(answer.status, answer.headers);
    // Whoever leaves meanwhile, or a file that can't be read on, ends the connection: a part is never taken for the whole.
    return pipeline(stream, outgoing).catch(() => {});
  }
  try {
    send(answer, incoming, outgoing);
  } catch (error) {
    // A header that HTTP doesn't allow, out of a function's answer.
    for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
    send(plain(500, 'InternalServerError', String(error)), incoming, outgoing);
  }
};

const send = (
  { status, headers = {}, body = '' }: AwsResponse,
  { method }: IncomingMessage,
  outgoing: ServerResponse,
) => {
  for (const [name, value] of Object.entries(headers)) {
    outgoing.setHeader(name, name === 'set-cookie' ? value.split('\n') : value);
  }
  if (status !== 204) outgoing.setHeader('content-length', headers['content-length'] ?? Buffer.byteLength(body));
  outgoing.writeHead(status);
  outgoing.end(method === 'HEAD' || status === 204 || status === 304 ? undefined : body);
};

const route = async (doors: Doors, incoming: IncomingMessage): Promise<AwsResponse> => {
  // A web page whose host name was rebound to 127.0.0.1 would arrive here with its own name.
  if (!isLoopback(incoming.headers.host ?? '')) {
    return plain(
      403,
      'ForbiddenHost',
      `The local cloud answers to loopback names only, not to "${incoming.headers.host}".`,
    );
  }
  const [path = '/', query = ''] = split(incoming.url ?? '/');
  const search = new URLSearchParams(query);
  if (path.startsWith('/apis/')) return answered(doors.apis, incoming, path, search, 'anonymous', API_LIMIT);
  const signed = signature(incoming.headers, search);
  return signed ? signedRequest(doors, signed, incoming, path, search) : unsigned(doors, incoming, path, search);
};

const signedRequest = (
  doors: Doors,
  signed: Signature,
  incoming: IncomingMessage,
  path: string,
  search: URLSearchParams,
) => {
  // The account's owner needs no right signature, so a web page could forge one; but a browser can't hide that it is one.
  if (isByWebPage(incoming)) return plain(403, 'AccessDenied', 'The local cloud takes no AWS calls from web pages.');
  if (signed.presigned && signed.service !== 's3') {
    return plain(403, 'AccessDenied', `Presigned addresses are for S3 here, not for ${signed.service}.`);
  }
  const service = Object.hasOwn(doors.services, signed.service) ? doors.services[signed.service] : undefined;
  if (!service) return plain(404, 'UnknownService', `The local cloud has no service "${signed.service}".`);
  const limit = signed.service === 's3' ? OBJECT_LIMIT : CALL_LIMIT;
  const checked: Service = async (request) => doors.turnAway?.(request, signed) ?? service(request);
  return answered(checked, incoming, path, search, doors.principal(signed.accessKeyId), limit);
};

const isByWebPage = ({ headers }: IncomingMessage) =>
  headers.origin !== undefined || headers['sec-fetch-site'] === 'cross-site';

const unsigned = (doors: Doors, incoming: IncomingMessage, path: string, search: URLSearchParams) => {
  const [, name = ''] = path.split('/');
  const open = Object.hasOwn(doors.open ?? {}, name) ? doors.open?.[name] : undefined;
  if (open) return answered(open, incoming, path, search, 'anonymous', CALL_LIMIT);
  const { sns } = doors.services;
  if (sns && path === '/' && BY_LINK.has(search.get('Action') ?? '') && !isByWebPage(incoming))
    return answered(sns, incoming, path, search, 'anonymous', CALL_LIMIT);
  return incoming.headers.authorization
    ? plain(403, 'IncompleteSignature', 'The Authorization header is not AWS Signature Version 4.')
    : plain(
        403,
        'MissingAuthenticationToken',
        'Sign the request as for AWS (any credentials do), or call an API under /apis/.',
      );
};

/** What SNS does for whoever has the link out of a mail. */
const BY_LINK = new Set(['ConfirmSubscription', 'Unsubscribe']);

const answered = async (
  service: Service,
  incoming: IncomingMessage,
  path: string,
  query: URLSearchParams,
  principal: string,
  limit: number,
) => {
  const body = await read(incoming, limit);
  if (!body) return plain(413, 'RequestEntityTooLarge', `The request is larger than ${limit} bytes.`);
  const request: AwsRequest = {
    method: incoming.method ?? 'GET',
    path,
    query,
    headers: incoming.headers,
    body,
    principal,
  };
  return service(request);
};

/** Above every limit that a service itself enforces with its own error (DynamoDB 16 MB is the largest). */
const CALL_LIMIT = 17 * 2 ** 20;
/** API Gateway's quota for an HTTP API's payload is 10 MB; one byte more, so that the API can say it in its own words. */
const API_LIMIT = 10 * 2 ** 20 + 1;
/** S3 takes 5 GB in one PutObject; here objects pass through memory. */
const OBJECT_LIMIT = 256 * 2 ** 20;

const read = async (incoming: IncomingMessage, limit: number) => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? undefined : Buffer.concat(chunks);
};

const split = (url: string) => {
  const mark = url.indexOf('?');
  return mark < 0 ? [url] : [url.slice(0, mark), url.slice(mark + 1)];
};

const isLoopback = (host: string) => /^(127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost)(:\d{1,5})?$/i.test(host);

const plain = (status: number, code: string, message: string): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
  body: JSON.stringify({ code, message }),
});
