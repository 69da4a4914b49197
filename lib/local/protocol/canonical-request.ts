import { createHash, createHmac } from 'node:crypto';
import type { AwsRequest } from '../service.ts';
import type { Signature } from './signature.ts';

/** The signature that the request must have, hexadecimal. `dateTime` is that of the request, `YYYYMMDDTHHMMSSZ`. */
export const rightSignature = (
  request: AwsRequest,
  { date, region, service, ...signed }: Signature,
  secretAccessKey: string,
  dateTime: string,
): string => {
  const canonical = [
    request.method,
    service === 's3' ? request.path : canonicalPath(request.path),
    canonicalQuery(request.query),
    ...signed.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name])}`),
    '',
    signed.signedHeaders.join(';'),
    payloadHash(request, service, signed.presigned),
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', dateTime, scope, sha256(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
};

/** Normalised and encoded once more than it was sent, for every service but S3. */
const canonicalPath = (path: string): string => {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encoded(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
};

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const canonicalHeader = (value: string | string[] | undefined): string =>
  [value ?? ''].flat().join(',').trim().replaceAll(/\s+/g, ' ');

/** S3 takes the hash that the header says, if it says that of the body; all others hash what they got. */
const payloadHash = ({ headers, body }: AwsRequest, service: string, presigned: boolean): string => {
  const said = String(headers['x-amz-content-sha256'] ?? (presigned ? 'UNSIGNED-PAYLOAD' : ''));
  return service === 's3' && /^(UNSIGNED-PAYLOAD$|STREAMING-)/.test(said) ? said : sha256(body);
};

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`);

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
