import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { realClock } from '../../../lib/local/clock.ts';
import { faultsOf, withFaults } from '../../../lib/local/faults/faults.ts';
import { parseFaults } from '../../../lib/local/faults/plan.ts';
import { putObject } from '../../../lib/local/s3/object-requests.ts';
import { objectStore, plainObjects } from '../../../lib/local/s3/object-store.ts';
import { s3 } from '../../../lib/local/s3/s3.ts';
import { listening, place, signedFor, temporary } from '../cloud-harness.ts';

const opened = async (directory = temporary()) => {
  const store = objectStore(directory, realClock);
  store.ensureBucket('plain', false);
  store.ensureBucket('versioned', true);
  const settings = await listening({ s3: s3({ store, place }) });
  return { client: new S3Client(settings), endpoint: settings.endpoint, directory };
};
const put = (Key: string, Body: string, more = {}) => new PutObjectCommand({ Bucket: 'plain', Key, Body, ...more });
const get = (Key: string, more = {}) => new GetObjectCommand({ Bucket: 'plain', Key, ...more });

const asked = { method: 'PUT', path: '/plain/once', query: new URLSearchParams(), principal: 'anonymous' };

/** This process's open files in a folder. */
const heldIn = (directory: string) =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      return false;
    }
  });

/** A path as it stands: clients that know URLs would resolve its dots. */
const rawPut = (endpoint: string, path: string, body: string) =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(endpoint);
    request({ hostname, port, path, method: 'PUT', headers: signedFor('s3') }, (incoming) =>
      resolve(incoming.statusCode!),
    )
      .on('error', reject)
      .end(body);
  });

it('gives back an object with its type, metadata and MD5', async () => {
  const { client } = await opened();
  await client.send(
    put('a/b c+ü.txt', 'hello', { ContentType: 'text/plain', Metadata: { run: '7' }, CacheControl: 'no-store' }),
  );
  const got = await client.send(get('a/b c+ü.txt', { ChecksumMode: 'ENABLED' }));
  expect(await got.Body!.transformToString()).toBe('hello');
  expect(got).toMatchObject({
    ContentType: 'text/plain',
    Metadata: { run: '7' },
    CacheControl: 'no-store',
    ContentLength: 5,
    ETag: '"5d41402abc4b2a76b9719d911017c592"',
  });
});

it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
  'verifies a %s checksum',
  async (ChecksumAlgorithm) => {
    const { client, endpoint } = await opened();
    if (ChecksumAlgorithm !== 'CRC64NVME' && ChecksumAlgorithm !== 'CRC32C') {
      await client.send(put('a', '123456789', { ChecksumAlgorithm }));
    }
    // The check values of the published algorithms for the text "123456789".
    const known = {
      CRC32: 'y/Q5Jg==',
      CRC32C: '4waSgw==',
      CRC64NVME: 'rosUhgp5mIg=',
      SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
      SHA256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
    };
    const sent = (sum: string, body: string) =>
      fetch(`${endpoint}/plain/b`, {
        method: 'PUT',
        headers: { ...signedFor('s3'), [`x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`]: sum },
        body,
      });
    expect((await sent(known[ChecksumAlgorithm], '123456789')).status).toBe(200);
    const refused = await sent(known[ChecksumAlgorithm], '123456780');
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('<Code>BadDigest</Code>')]);
  },
);

it('decodes a streamed body, whose checksum comes last', async () => {
  const { client } = await opened();
  const text = 'x'.repeat(200_000);
  await client.send(
    new PutObjectCommand({ Bucket: 'plain', Key: 'big', Body: Readable.from([text]), ContentLength: text.length }),
  );
  const { Body, ContentEncoding } = await client.send(get('big'));
  expect(await Body!.transformToString()).toBe(text);
  expect(ContentEncoding).toBeUndefined();
});

it('creates an object only where none is, if asked to, even for two at once', async () => {
  const { client } = await opened();
  const both = await Promise.allSettled(
    ['one', 'two'].map((body) => client.send(put('once', body, { IfNoneMatch: '*' }))),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(client.send(put('once', 'three', { IfNoneMatch: '*' }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
});

it('tells whoever was overtaken while it created an object to try again, and what stands only then', async () => {
  const bucket = objectStore(temporary(), realClock).ensureBucket('plain', true);
  const create = () => {
    const headers = { 'if-none-match': '*' };
    const body = Buffer.from('it');
    return putObject(bucket, 'once', { ...asked, headers, body }).catch((error) => [error.status, error.name]);
  };
  const answers = await Promise.all([create(), create()]);
  // Which of the two is written first is up to the disk.
  expect(answers).toContainEqual(expect.objectContaining({ status: 200 }));
  expect(answers).toContainEqual([409, 'ConditionalRequestConflict']);
  expect(await create()).toEqual([412, 'PreconditionFailed']);
});

it('replaces an object only if it is the expected one, if asked to', async () => {
  const { client } = await opened();
  const { ETag } = await client.send(put('a', 'one'));
  await client.send(put('a', 'two', { IfMatch: ETag }));
  await expect(client.send(put('a', 'three', { IfMatch: ETag }))).rejects.toMatchObject({ name: 'PreconditionFailed' });
});

it('reads a range, and refuses one outside of the object', async () => {
  const { client } = await opened();
  await client.send(put('a', '0123456789'));
  const part = await client.send(get('a', { Range: 'bytes=2-4' }));
  expect([await part.Body!.transformToString(), part.ContentRange]).toEqual(['234', 'bytes 2-4/10']);
  const tail = await client.send(get('a', { Range: 'bytes=-3' }));
  expect(await tail.Body!.transformToString()).toBe('789');
  await expect(client.send(get('a', { Range: 'bytes=10-' }))).rejects.toMatchObject({ name: 'InvalidRange' });
});

it('gives back what is too big to be held whole piece by piece: all of it, a part, or only how long it is', async () => {
  const { client } = await opened();
  const text = Array.from({ length: 500_000 }, (_, n) => `${n};`).join('');
  await client.send(put('big', text));
  const whole = await client.send(get('big', { ChecksumMode: 'ENABLED' }));
  expect((await whole.Body!.transformToString()) === text).toBe(true);
  const part = await client.send(get('big', { Range: 'bytes=1000000-2999999' }));
  expect((await part.Body!.transformToString()) === text.slice(1_000_000, 3_000_000)).toBe(true);
  const head = await client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'big' }));
  expect(head.ContentLength).toBe(text.length);
});

it('stores what comes in pieces under the MD5 and length of the whole', async () => {
  const store = objectStore(temporary(), realClock);
  store.ensureBucket('plain', false);
  await plainObjects(store).put(
    'plain',
    'pieces',
    ['hel', 'lo', ''].map((it) => Buffer.from(it)),
  );
  const version = store.bucket('plain').current('pieces')!;
  expect(version).toMatchObject({ size: 5, etag: '5d41402abc4b2a76b9719d911017c592' });
  expect(String(await store.bucket('plain').body(version))).toBe('hello');
});

it('leaves nothing behind of an object whose pieces can not be had', async () => {
  const directory = temporary();
  const store = objectStore(directory, realClock);
  const bucket = store.ensureBucket('plain', false);
  const broken = function* () {
    yield Buffer.from('half');
    throw new Error('no more');
  };
  await expect(bucket.put('half', broken(), {})).rejects.toThrow('no more');
  expect(bucket.current('half')).toBeUndefined();
  expect(readdirSync(join(directory, 'plain', 'bodies'))).toEqual([]);
});

it.skipIf(!existsSync('/proc/self/fd'))('lets go of a big object whose reader has left', async () => {
  const { client, directory } = await opened();
  await client.send(put('big', 'x'.repeat(20_000_000)));
  const { Body } = await client.send(get('big'));
  expect(heldIn(directory)).toHaveLength(1);
  (Body as Readable).destroy();
  await expect.poll(() => heldIn(directory)).toEqual([]);
});

it('gives a big object as it was when it was asked for, though another takes its place while it is read', async () => {
  const { client } = await opened();
  await client.send(put('big', 'x'.repeat(20_000_000)));
  const { Body } = await client.send(get('big'));
  await client.send(put('big', 'another'));
  expect(await Body!.transformToString()).toBe('x'.repeat(20_000_000));
  expect(await (await client.send(get('big'))).Body!.transformToString()).toBe('another');
});

it('answers that something is wrong, and not half of it, where the bytes of a big object are gone', async () => {
  const { client, directory } = await opened();
  await client.send(put('big', 'x'.repeat(2_000_000)));
  rmSync(join(directory, 'plain', 'bodies'), { recursive: true });
  await expect(client.send(get('big'))).rejects.toMatchObject({
    name: 'InternalFailure',
    $metadata: { httpStatusCode: 500 },
  });
});

it.skipIf(!existsSync('/proc/self/fd'))('lets go of a big object whose answer is lost', async () => {
  const directory = temporary();
  const store = objectStore(directory, realClock);
  await store.ensureBucket('plain', false).put('big', Buffer.alloc(2_000_000), {});
  const lossy = withFaults(s3({ store, place }), 's3', faultsOf(parseFaults('s3:GetObject:after:reset')), realClock);
  const answer = await lossy({ ...asked, method: 'GET', path: '/plain/big', headers: {}, body: Buffer.alloc(0) });
  expect(answer).toEqual({ status: 0, hangUp: true });
  await expect.poll(() => heldIn(directory)).toEqual([]);
});

it('says when an object has not changed', async () => {
  const { client } = await opened();
  const { ETag } = await client.send(put('a', 'one'));
  await expect(client.send(get('a', { IfNoneMatch: ETag }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
});

it('tells a missing key from a missing bucket', async () => {
  const { client } = await opened();
  await expect(client.send(get('nothing'))).rejects.toMatchObject({
    name: 'NoSuchKey',
    message: 'The specified key does not exist.',
  });
  await expect(client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'nothing' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  await expect(client.send(new GetObjectCommand({ Bucket: 'missing', Key: 'a' }))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  });
  await expect(client.send(new HeadBucketCommand({ Bucket: 'missing' }))).rejects.toMatchObject({ name: 'NotFound' });
});

it('keeps versions where the bucket does, and only there', async () => {
  const { client } = await opened();
  const Bucket = 'versioned';
  const first = await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'one' }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'two' }));
  const old = await client.send(new GetObjectCommand({ Bucket, Key: 'a', VersionId: first.VersionId }));
  expect(await old.Body!.transformToString()).toBe('one');

  const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  expect(deleted.DeleteMarker).toBe(true);
  await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect([listed.Versions?.length, listed.DeleteMarkers?.length]).toEqual([2, 1]);

  await client.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId: deleted.VersionId }));
  const again = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }));
  expect(await again.Body!.transformToString()).toBe('two');
  expect((await client.send(put('a', 'one'))).VersionId).toBeUndefined();
});

it('lists keys in the order of their bytes, page by page', async () => {
  const { client } = await opened();
  for (const key of ['b', 'a/1', 'B', 'a/2', 'ä', 'a/x/3']) await client.send(put(key, 'x'));
  const pages: string[][] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: 'plain', MaxKeys: 4, ContinuationToken }));
    pages.push(page.Contents?.map(({ Key }) => Key!) ?? []);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(pages).toEqual([
    ['B', 'a/1', 'a/2', 'a/x/3'],
    ['b', 'ä'],
  ]);
});

it('folds keys at a delimiter, across pages', async () => {
  const { client } = await opened();
  for (const key of ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd']) await client.send(put(key, 'x'));
  const list = (more: object) =>
    client.send(new ListObjectsV2Command({ Bucket: 'plain', Delimiter: '/', MaxKeys: 2, ...more }));
  const first = await list({});
  const second = await list({ ContinuationToken: first.NextContinuationToken });
  const seen = [first, second].map(({ Contents = [], CommonPrefixes = [], IsTruncated }) => [
    [...CommonPrefixes.map(({ Prefix }) => Prefix), ...Contents.map(({ Key }) => Key)],
    IsTruncated,
  ]);
  expect(seen).toEqual([
    [['a/', 'b'], true],
    [['c/', 'd'], false],
  ]);
});

it('knows its buckets and where they are', async () => {
  const { client } = await opened();
  await client.send(new CreateBucketCommand({ Bucket: 'made' }));
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name).sort()).toEqual(['made', 'plain', 'versioned']);
  expect((await client.send(new GetBucketLocationCommand({ Bucket: 'made' }))).LocationConstraint).toBeFalsy();
  await expect(client.send(new CreateBucketCommand({ Bucket: 'made' }))).rejects.toMatchObject({
    name: 'BucketAlreadyOwnedByYou',
  });
  await expect(client.send(new CreateBucketCommand({ Bucket: '../made' }))).rejects.toThrow();
});

it('keeps every key inside its bucket, whatever it looks like', async () => {
  const { client, endpoint, directory } = await opened();
  const keys = ['../../escaped', '..', '/', 'a\u0000b', 'x'.repeat(1024)];
  for (const key of keys) {
    expect(await rawPut(endpoint, `/plain/${encodeURIComponent(key)}`, key)).toBe(200);
  }
  for (const Key of keys.slice(2)) expect(await (await client.send(get(Key))).Body!.transformToString()).toBe(Key);
  expect(readdirSync(directory).sort()).toEqual(['plain', 'versioned']);
  expect(readdirSync(join(directory, 'plain', 'keys')).length).toBe(keys.length);
});

it('finds everything again in the directory it left', async () => {
  const { client, directory } = await opened();
  await client.send(put('a', 'kept', { Metadata: { run: '7' } }));
  const again = await opened(directory);
  const got = await again.client.send(get('a'));
  expect([await got.Body!.transformToString(), got.Metadata]).toEqual(['kept', { run: '7' }]);
});

it('refuses what it does not offer', async () => {
  const { client } = await opened();
  const tagged = client.send(put('a', 'b', { Tagging: 'x=1' }));
  await expect(tagged).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
});
