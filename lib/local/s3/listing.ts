import { AwsError } from '../protocol/aws-error.ts';
import type { Xml } from '../protocol/xml.ts';
import type { Bucket } from './bucket.ts';

type Answer = { [name: string]: Xml };
const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** ListObjectsV2: keys in UTF-8 order, folded at the delimiter, at most 1,000 a page. */
export const listObjects = (bucket: Bucket, query: URLSearchParams): Answer => {
  if (query.get('list-type') !== '2')
    throw new AwsError('NotImplemented', 'The local cloud lists objects by ListObjectsV2 only.', 501);
  const after = query.get('continuation-token')
    ? decode(query.get('continuation-token')!)
    : (query.get('start-after') ?? '');
  const rows = bucket.objects().flatMap(({ key, versions: [newest] }) => (newest?.body ? [{ key, newest }] : []));
  const { page, prefixes, next } = fold(rows, query, (row) => later(row.key, after), after);
  const name = encoded(query);
  return {
    ListBucketResult: {
      '@xmlns': XMLNS,
      Name: bucket.name,
      ...echoed(query, name),
      KeyCount: page.length + prefixes.length,
      IsTruncated: next !== undefined,
      ContinuationToken: query.get('continuation-token') ?? undefined,
      NextContinuationToken: next === undefined ? undefined : Buffer.from(next).toString('base64url'),
      StartAfter: query.get('start-after') ? name(query.get('start-after')!) : undefined,
      Contents: page.map(({ key, newest }) => ({
        Key: name(key),
        LastModified: newest.modified,
        ETag: `"${newest.etag}"`,
        Size: newest.size,
        StorageClass: 'STANDARD',
      })),
      CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: name(Prefix) })),
    },
  };
};

/** ListObjectVersions; a page ends between keys, never inside one. */
export const listVersions = (bucket: Bucket, query: URLSearchParams): Answer => {
  const after = query.get('key-marker') ?? '';
  const { page, prefixes, next } = fold(bucket.objects(), query, ({ key }) => later(key, after), after);
  const name = encoded(query);
  const rows = page.flatMap(({ key, versions }) =>
    versions.map((version, index) => ({ key, version, latest: index === 0 })),
  );
  const common = ({ key, version, latest }: (typeof rows)[number]) => ({
    Key: name(key),
    VersionId: version.versionId,
    IsLatest: latest,
    LastModified: version.modified,
  });
  return {
    ListVersionsResult: {
      '@xmlns': XMLNS,
      Name: bucket.name,
      ...echoed(query, name),
      KeyMarker: name(after),
      IsTruncated: next !== undefined,
      NextKeyMarker: next === undefined ? undefined : name(next),
      Version: rows
        .filter(({ version }) => version.body !== null)
        .map((row) => ({
          ...common(row),
          ETag: `"${row.version.etag}"`,
          Size: row.version.size,
          StorageClass: 'STANDARD',
        })),
      DeleteMarker: rows.filter(({ version }) => version.body === null).map(common),
      CommonPrefixes: prefixes.map((Prefix) => ({ Prefix: name(Prefix) })),
    },
  };
};

const fold = <Row extends { key: string }>(
  rows: Row[],
  query: URLSearchParams,
  isLater: (row: Row) => boolean,
  after: string,
) => {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const max = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const page: Row[] = [];
  const prefixes: string[] = [];
  let last = '';
  for (const row of rows) {
    if (!row.key.startsWith(prefix) || !isLater(row)) continue;
    const cut = delimiter ? row.key.indexOf(delimiter, prefix.length) : -1;
    const common = cut < 0 ? undefined : row.key.slice(0, cut + delimiter.length);
    if (common !== undefined && (prefixes.at(-1) === common || after.startsWith(common))) continue;
    if (page.length + prefixes.length >= max) return { page, prefixes, next: last };
    if (common === undefined) page.push(row);
    else prefixes.push(common);
    last = common ?? row.key;
  }
  return { page, prefixes, next: undefined };
};

const later = (key: string, after: string) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;

const decode = (token: string) => Buffer.from(token, 'base64url').toString();

const encoded = (query: URLSearchParams) => (name: string) =>
  query.get('encoding-type') === 'url' ? encodeURIComponent(name).replaceAll('%2F', '/') : name;

const echoed = (query: URLSearchParams, name: (it: string) => string) => ({
  Prefix: name(query.get('prefix') ?? ''),
  Delimiter: query.get('delimiter') ? name(query.get('delimiter')!) : undefined,
  MaxKeys: Math.min(1000, Number(query.get('max-keys') ?? 1000)),
  EncodingType: query.get('encoding-type') ?? undefined,
});
