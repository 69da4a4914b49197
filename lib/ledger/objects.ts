import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { failure } from '../failure.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { canonical, sha256 } from '../migrations/digest.ts';
import { parseBundle } from '../migrations/parse-bundle.ts';

/** The environment's bucket: bundles by digest, and what each run reads and writes. */
export type Objects = {
  text(key: string): Promise<string>;
  json(key: string): Promise<unknown>;
  /** Gives the id of the version that it wrote; null in a bucket that keeps none. */
  write(key: string, value: unknown): Promise<string | null>;
  /** Puts a bundle where its digest says. */
  writeBundle(bundle: Bundle): Promise<void>;
  /** Reads a bundle that may be run, and proves that it is the one that the digest names. */
  bundle(digest: string): Promise<Bundle>;
  /** The same, also of one that may only be planned. */
  anyBundle(digest: string): Promise<Bundle>;
};

export const objects = (client: Pick<S3Client, 'send'>, bucket: string): Objects => {
  // A digest names its content for ever, so a warm function reads each bundle once.
  const bundles = new Map<string, Bundle>();
  const text = async (key: string): Promise<string> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString('utf-8')) ?? '';
  };
  /** Where a run finds bundles or, for those who only plan, where such are put. The digest proves either. */
  const known = async (digest: string, keys: string[]): Promise<Bundle> => {
    const [key = '', ...others] = keys;
    const found =
      bundles.get(digest) ??
      parseBundle(
        await text(key)
          .catch((error) => {
            if (!isMissing(error) || others.length === 0) throw error;
            return text(others[0]!);
          })
          .catch(notFound(digest)),
        digest,
      );
    bundles.clear();
    bundles.set(digest, found);
    return found;
  };
  return {
    text,
    json: async (key) => JSON.parse(await text(key)),
    write: async (key, value) => {
      const { VersionId } = await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: JSON.stringify(value),
          ContentType: 'application/json',
        }),
      );
      return VersionId ?? null;
    },
    writeBundle: async (bundle) => {
      const Body = canonical(bundle);
      const Key = bundleKey(sha256(Body));
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'application/json' }));
    },
    bundle: (digest) => known(digest, [bundleKey(digest)]),
    anyBundle: (digest) => known(digest, [bundleKey(digest), previewBundleKey(digest)]),
  };
};

/** A bundle was asked for that nobody has uploaded. */
export const BundleNotFound = failure(
  'BundleNotFound',
  (it: { digest: string }) => `There is no bundle ${it.digest} in the environment's bucket. Upload it first.`,
);

/** S3 says AccessDenied of what isn't there to whoever may not list the bucket. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && ['NoSuchKey', 'AccessDenied'].includes(error.name);

const notFound =
  (digest: string) =>
  (cause: unknown): never => {
    if (isMissing(cause)) throw new BundleNotFound({ digest }, { cause });
    throw cause;
  };

/** Where things lie in the bucket. The workflow names some of these too. */
export const bundleKey = (digest: string): string => `bundles/${digest}.json`;
/** Where whoever may start no run puts a bundle to have it planned. What carries runs out may not read there. */
export const previewBundleKey = (digest: string): string => `previews/${digest}.json`;
/** What stands in a run's place in keys where nothing is carried out. No run can be called so: names have no slash. */
export const previewName = (execution: string): string => `_preview/${execution}`;
export const runKey = (
  run: string,
  name:
    | 'fleet'
    | 'discovery'
    | 'promotion'
    | 'lint'
    | 'facts'
    | 'plan'
    | 'differences'
    | 'report'
    | 'clusters'
    | `waves/${string}`,
): string => `runs/${run}/${name}.json`;

/**
 * Reads what the children of a distributed map answered, out of the files that its ResultWriter left.
 * The manifest lists them; each holds an array of executions whose `Output` is JSON once more.
 */
export const mapResults = async ({ json }: Objects, manifestKey: string): Promise<unknown[]> => {
  const manifest = (await json(manifestKey)) as { ResultFiles: { SUCCEEDED: { Key: string }[] } };
  const results: unknown[] = [];
  for (const { Key } of manifest.ResultFiles.SUCCEEDED) {
    const executions = (await json(Key)) as { Output: string }[];
    results.push(...executions.map(({ Output }) => JSON.parse(Output)));
  }
  return results;
};
