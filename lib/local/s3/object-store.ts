import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { type Bucket, describeBucket, openBucket } from './bucket.ts';

export type ObjectStore = ReturnType<typeof objectStore>;

/** All buckets of the account, each in a folder of its own name. */
export const objectStore = (directory: string, clock: Clock) => {
  mkdirSync(directory, { recursive: true });
  const open = new Map<string, Bucket>();
  const folder = (name: string) => join(directory, name);

  return {
    buckets: () =>
      readdirSync(directory)
        .filter((name) => existsSync(join(folder(name), 'bucket.json')))
        .map(find),
    bucket: find,
    has: (name: string) => isName(name) && existsSync(join(folder(name), 'bucket.json')),

    /** Creates the bucket, or changes only whether it keeps versions where it stands already. */
    ensureBucket(name: string, versioned: boolean) {
      if (!isName(name)) throw new AwsError('InvalidBucketName', `"${name}" is not a valid bucket name.`);
      // Somebody else's on AWS, and here the beginning of every API's path.
      if (name === 'apis')
        throw new AwsError('BucketAlreadyExists', 'The requested bucket name is not available.', 409);
      const standing = existsSync(join(folder(name), 'bucket.json')) ? find(name) : undefined;
      if (standing?.versioned && !versioned) {
        throw new AwsError(
          'InvalidBucketState',
          `Versioning of ${name} can be suspended on AWS, but not by the local cloud.`,
        );
      }
      if (!standing || standing.versioned !== versioned) {
        describeBucket(folder(name), { name, versioned, created: standing?.created ?? clock.now().toISOString() });
        open.delete(name);
      }
      return find(name);
    },
  };

  function find(name: string): Bucket {
    const known = open.get(name);
    if (known) return known;
    if (!isName(name) || !existsSync(join(folder(name), 'bucket.json'))) {
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
    }
    const bucket = openBucket(folder(name), clock);
    open.set(name, bucket);
    return bucket;
  }
};

/** S3's naming rules, as far as they keep a name a plain folder name: 3 to 63 of lower case, digits, dots and hyphens. */
const isName = (name: string) => /^[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/.test(name);

/** What Step Functions needs of S3: reading items, writing results. */
export const plainObjects = (store: ObjectStore) => ({
  async get(bucket: string, key: string, _?: unknown, versionId?: string): Promise<Buffer> {
    const found = store.bucket(bucket);
    const version = versionId === undefined ? found.current(key) : found.version(key, versionId);
    if (!version && versionId !== undefined)
      throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key });
    if (version && !version.body && versionId !== undefined)
      throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
    if (!version?.body) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
    return found.body(version);
  },
  async put(bucket: string, key: string, body: string | Iterable<Buffer>): Promise<void> {
    await store
      .bucket(bucket)
      .put(key, typeof body === 'string' ? Buffer.from(body) : body, { 'content-type': 'application/json' });
  },
  async list(bucket: string, prefix: string) {
    return store
      .bucket(bucket)
      .objects()
      .filter(({ key, versions }) => key.startsWith(prefix) && versions[0]?.body)
      .map(({ key, versions: [newest] }) => ({
        key,
        size: newest!.size,
        etag: `"${newest!.etag}"`,
        lastModified: new Date(newest!.modified),
      }));
  },
});
