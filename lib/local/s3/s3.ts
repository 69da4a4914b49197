import { randomUUID } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { AwsError, asAwsError } from '../protocol/aws-error.ts';
import { type Xml, xml } from '../protocol/xml.ts';
import type { AwsRequest, AwsResponse, Place, Service } from '../service.ts';
import { addressed, subresource } from './addressing.ts';
import type { Bucket } from './bucket.ts';
import { listObjects, listVersions } from './listing.ts';
import { deleteObject, getObject, putObject } from './object-requests.ts';
import type { ObjectStore } from './object-store.ts';

/** S3's REST protocol over an object store: path style, and virtual-host style for `<bucket>.localhost`. */
export const s3 =
  ({ store, place }: { store: ObjectStore; place: Place }): Service =>
  async (request): Promise<AwsResponse> => {
    const requestId = randomUUID();
    try {
      const answer = await dispatch(store, place, request);
      return { ...answer, headers: { 'x-amz-request-id': requestId, ...answer.headers } };
    } catch (thrown) {
      const { name: Code, message: Message, status, members } = asAwsError(thrown);
      const body = xml({ Error: { Code, Message, ...(members as { [name: string]: Xml }), RequestId: requestId } });
      return { status, headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId }, body };
    }
  };

const dispatch = async (store: ObjectStore, place: Place, request: AwsRequest): Promise<AwsResponse> => {
  const { bucket: name, key } = addressed(request);
  if (name === '') return onAccount(store, place, request);
  const operation = subresource(request);
  if (key === '' && request.method === 'PUT' && operation === '') return createBucket(store, place, name, request);
  const bucket = store.bucket(name);
  return key === '' ? onBucket(bucket, place, operation, request) : onObject(bucket, key, operation, request);
};

const onAccount = (store: ObjectStore, { account }: Place, { method }: AwsRequest) => {
  if (method !== 'GET') throw notImplemented(`${method} /`);
  const Bucket = store.buckets().map(({ name, created }) => ({ Name: name, CreationDate: created }));
  return document({ ListAllMyBucketsResult: { '@xmlns': XMLNS, Owner: { ID: account }, Buckets: { Bucket } } });
};

const createBucket = (store: ObjectStore, { region }: Place, name: string, request: AwsRequest) => {
  const wanted = new XMLParser().parse(request.body.toString() || '<x/>')?.CreateBucketConfiguration
    ?.LocationConstraint;
  if ((wanted ?? 'us-east-1') !== region) {
    throw new AwsError(
      'IllegalLocationConstraintException',
      `The local cloud stands in ${region}, not in ${wanted ?? 'us-east-1'}.`,
    );
  }
  if (store.has(name)) throw new AwsError('BucketAlreadyOwnedByYou', 'The bucket exists already and is yours.', 409);
  store.ensureBucket(name, false);
  return { status: 200, headers: { location: `/${name}` } };
};

const onBucket = (bucket: Bucket, { region }: Place, operation: string, { method, query }: AwsRequest): AwsResponse => {
  if (method === 'HEAD' && operation === '') return { status: 200, headers: { 'x-amz-bucket-region': region } };
  if (method === 'GET' && operation === '') return document(listObjects(bucket, query));
  if (method === 'GET' && operation === 'versions') return document(listVersions(bucket, query));
  if (method === 'GET' && operation === 'location') {
    return document({ LocationConstraint: { '@xmlns': XMLNS, '#text': region === 'us-east-1' ? '' : region } });
  }
  if (method === 'GET' && operation === 'versioning') {
    return document({ VersioningConfiguration: { '@xmlns': XMLNS, Status: bucket.versioned ? 'Enabled' : undefined } });
  }
  throw notImplemented(`${method} on a bucket${operation && ` (?${operation})`}`);
};

const onObject = (bucket: Bucket, key: string, operation: string, request: AwsRequest) => {
  if (operation !== '') throw notImplemented(`${request.method} on an object (?${operation})`);
  if (request.method === 'PUT') return putObject(bucket, key, request);
  if (request.method === 'GET' || request.method === 'HEAD') return getObject(bucket, key, request);
  if (request.method === 'DELETE') return deleteObject(bucket, key, request);
  throw notImplemented(`${request.method} on an object`);
};

const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

const document = (root: { [name: string]: Xml }) => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: xml(root),
});

const notImplemented = (what: string) =>
  new AwsError('NotImplemented', `The local cloud's S3 doesn't offer ${what}.`, 501);
