import { addressed, subresource } from '../../s3/addressing.ts';
import type { AwsRequest, Place } from '../../service.ts';
import type { Check } from '../authorizer.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInS3 } from '../refusals.ts';
import { entryOf } from './json-operation.ts';

/**
 * What AWS's messages call a resource, S3 puts in quotes.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export const s3Actions = ({ partition }: Place, exists: (bucket: string) => boolean): Mapping => {
  const on = (action: string, resource: string, keys: Record<string, string[]> = {}): Check => ({
    action: `s3:${action}`,
    resource: `arn:${partition}:s3:::${resource}`,
    shown: `"arn:${partition}:s3:::${resource}"`,
    keys,
  });
  return {
    bindsRoot: true,
    checks(request) {
      const address = read(request);
      if (!address) return [];
      const { bucket, key, operation } = address;
      if (bucket === '') return request.method === 'GET' ? [LIST_ALL] : undefined;
      const actions = key === '' ? onBucket(request, operation) : onObject(request, operation);
      // Whether a bucket exists, S3 tells everyone.
      if (actions && actions[0] !== 'CreateBucket' && !exists(bucket)) return [];
      return actions?.map((action) => on(action, key === '' ? bucket : `${bucket}/${key}`, keysOf(request)));
    },
    /** That an object doesn't exist is told only to those who may list the bucket. */
    checksOnAnswer({ method, ...request }, { status, body }) {
      const address = read({ method, ...request });
      if (status !== 404 || !address?.key || !exists(address.bucket) || !/^(GET|HEAD)$/.test(method)) return [];
      return /<Code>NoSuch(Key|Version)</.test(String(body)) ? [on('ListBucket', address.bucket)] : [];
    },
    refuse: refuseInS3,
  };
};

const LIST_ALL: Check = { action: 's3:ListAllMyBuckets', resource: '*', shown: undefined };

/** Undefined for an address that the service refuses. */
const read = (request: AwsRequest) => {
  try {
    return { ...addressed(request), operation: subresource(request) };
  } catch {
    return undefined;
  }
};

const onBucket = ({ method }: AwsRequest, operation: string) => entryOf(BUCKET_ACTIONS, `${method} ${operation}`);

const BUCKET_ACTIONS: Record<string, string[]> = {
  'PUT ': ['CreateBucket'],
  'HEAD ': ['ListBucket'],
  'GET ': ['ListBucket'],
  'GET versions': ['ListBucketVersions'],
  'GET location': ['GetBucketLocation'],
  'GET versioning': ['GetBucketVersioning'],
};

const onObject = ({ method, query, headers }: AwsRequest, operation: string): string[] | undefined => {
  if (operation !== '') return undefined;
  const version = query.get('versionId') === null ? '' : 'Version';
  if (method === 'GET' || method === 'HEAD') return [`GetObject${version}`];
  if (method === 'DELETE') return [`DeleteObject${version}`];
  // A write on condition that the object is still the same needs to see it.
  if (method === 'PUT') return headers['if-match'] === undefined ? ['PutObject'] : ['PutObject', 'GetObject'];
  return undefined;
};

const keysOf = ({ query }: AwsRequest) =>
  Object.fromEntries(
    ['prefix', 'delimiter', 'max-keys', 'versionId'].flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[`s3:${name.toLowerCase()}`, [value]]];
    }),
  );
