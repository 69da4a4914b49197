import { AwsError } from '../protocol/aws-error.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';
import { decodeChunks } from './aws-chunked.ts';
import type { Bucket, Version } from './bucket.ts';
import { verifyChecksums } from './checksum.ts';

/** PutObject. */
export const putObject = async (bucket: Bucket, key: string, request: AwsRequest): Promise<AwsResponse> => {
  const { headers } = request;
  const unknown = Object.keys(headers).find((name) => REFUSED.test(name));
  if (unknown) throw new AwsError('NotImplemented', `The local cloud's S3 doesn't honour the header ${unknown}.`, 501);
  const encodings = (headers['content-encoding'] ?? '').split(',').map((it) => it.trim());
  const chunked = encodings.includes('aws-chunked') || String(headers['x-amz-content-sha256']).startsWith('STREAMING-');
  const { body, trailers } = chunked ? decodeChunks(request.body) : { body: request.body, trailers: {} };
  if (chunked && Number(headers['x-amz-decoded-content-length'] ?? body.length) !== body.length) {
    throw new AwsError(
      'IncompleteBody',
      'You did not provide the number of bytes specified by x-amz-decoded-content-length.',
    );
  }
  const kept: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...verifyChecksums(body, { ...headers, ...trailers }),
  };
  for (const [name, value] of Object.entries(headers)) if (KEPT.test(name)) kept[name] = String(value);
  const encoding = encodings.filter((it) => it && it !== 'aws-chunked').join(',');
  if (encoding) kept['content-encoding'] = encoding;

  const version = await bucket.put(key, body, kept, (standing, overtaken) => {
    const live = standing?.body ? standing : undefined;
    const match = headers['if-match'];
    if (match && !live) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
    if (match && match.replaceAll('"', '') !== live?.etag) throw preconditionFailed('If-Match');
    if (headers['if-none-match'] === '*' && overtaken) throw conflicting(key);
    if (headers['if-none-match'] === '*' && live) throw preconditionFailed('If-None-Match');
  });
  const sums = Object.fromEntries(Object.entries(kept).filter(([name]) => name.startsWith('x-amz-checksum-')));
  return { status: 200, headers: { etag: `"${version.etag}"`, ...versionHeader(bucket, version), ...sums } };
};

/** GetObject and HeadObject. */
export const getObject = async (bucket: Bucket, key: string, request: AwsRequest): Promise<AwsResponse> => {
  const id = request.query.get('versionId');
  const version = id === null ? bucket.current(key) : bucket.version(key, id);
  if (!version && id !== null)
    throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key });
  if (!version || (id === null && version.body === null)) {
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
  }
  if (version.body === null) throw new AwsError('MethodNotAllowed', 'This version is a delete marker.', 405);
  const sums = request.headers['x-amz-checksum-mode']?.toString().toUpperCase() === 'ENABLED' && !request.headers.range;
  const headers: Record<string, string> = {
    ...Object.fromEntries(
      Object.entries(version.headers).filter(([name]) => sums || !name.startsWith('x-amz-checksum-')),
    ),
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modified).toUTCString(),
    'accept-ranges': 'bytes',
    ...versionHeader(bucket, version),
  };
  const unchanged = unmet(version, request);
  if (unchanged === 304) return { status: 304, headers };
  if (unchanged === 412) throw preconditionFailed('one of the preconditions');
  const range = wanted(request.headers.range, version.size);
  const length = range ? range.end - range.start + 1 : version.size;
  const whole: Record<string, string> = { ...headers, 'content-length': String(length) };
  const status = range ? 206 : 200;
  if (range) whole['content-range'] = `bytes ${range.start}-${range.end}/${version.size}`;
  if (request.method === 'HEAD') return { status, headers: whole };
  if (length > HELD) return { status, headers: whole, stream: await bucket.stream(version, range) };
  const body = await bucket.body(version);
  return { status, headers: whole, body: range ? body.subarray(range.start, range.end + 1) : body };
};

/** Bytes of an answer that are read at once. What a map of ten thousand children has written is twenty times that. */
const HELD = 2 ** 20;

/** DeleteObject: deleting what isn't there succeeds. */
export const deleteObject = (bucket: Bucket, key: string, request: AwsRequest): AwsResponse => {
  const { versionId, deleteMarker } = bucket.remove(key, request.query.get('versionId') ?? undefined);
  return {
    status: 204,
    headers: {
      ...(versionId ? { 'x-amz-version-id': versionId } : {}),
      ...(deleteMarker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
};

const KEPT = /^(content-type|cache-control|content-disposition|content-language|expires|x-amz-meta-.*)$/;
/** They would change what is stored or who may read it. Encryption settings don't, as everything stays on this disk. */
const REFUSED =
  /^x-amz-(copy-source.*|tagging|acl|grant-.*|object-lock-.*|website-redirect-location|server-side-encryption-customer-.*|write-offset-bytes)$/;

const versionHeader = (bucket: Bucket, version: Version): Record<string, string> =>
  bucket.versioned ? { 'x-amz-version-id': version.versionId } : {};

const preconditionFailed = (Condition: string) =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition,
  });

/** Of puts under way at once S3 may refuse the one that ends later without saying what stands: it has to be sent again. */
const conflicting = (Key: string) =>
  new AwsError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
    { Condition: 'If-None-Match', Key },
  );

const unmet = ({ etag, modified }: Version, { headers }: AwsRequest): 304 | 412 | undefined => {
  const seconds = (date: string | number) => Math.floor(new Date(date).getTime() / 1000);
  const lists = (header: string) =>
    header.split(',').some((it) => it.trim() === '*' || it.trim().replaceAll('"', '') === etag);
  if (headers['if-match'] && !lists(headers['if-match'])) return 412;
  const before = headers['if-unmodified-since'];
  if (!headers['if-match'] && before && seconds(modified) > seconds(before)) return 412;
  if (headers['if-none-match']) return lists(headers['if-none-match']) ? 304 : undefined;
  const since = headers['if-modified-since'];
  return since && seconds(modified) <= seconds(since) ? 304 : undefined;
};

const wanted = (header: string | undefined, size: number) => {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!asked || (!asked[1] && !asked[2])) return undefined;
  const start = asked[1] ? Number(asked[1]) : Math.max(0, size - Number(asked[2]));
  const end = asked[1] && asked[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
  if (start <= end) return { start, end };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
};
