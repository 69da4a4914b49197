import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { failure } from '../failure.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** What was given as a digest names no bundle, or several. */
export const DigestUnknown = failure('DigestUnknown', (it: { digest: string; environment: string; means: string[] }) =>
  it.means.length > 0
    ? `${it.digest} may mean ${it.means.join(', ')}. Give more digits.`
    : `${it.environment} has no bundle ${it.digest}. Give all 64 digits of it, as \`lockstep bundle\` prints them.`,
);

/** These credentials may attest, but not list what the environment has. */
export const BundlesHidden = failure(
  'BundlesHidden',
  (it: { digest: string; environment: string }) =>
    `These credentials may not look for the rest of ${it.digest} in ${it.environment}, which takes s3:ListBucket. Give all 64 digits, as \`lockstep bundle\` prints them.`,
);

/** A bundle's whole digest: by its beginning, where it has been uploaded. @throws DigestUnknown, BundlesHidden */
export const fullDigest = async (
  { s3 }: Pick<Clients, 's3'>,
  { bucket, environment }: Pick<Pipeline, 'bucket' | 'environment'>,
  digest: string,
): Promise<string> => {
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  if (!/^[0-9a-f]{8,63}$/.test(digest)) throw new DigestUnknown({ digest, environment, means: [] });
  const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: `bundles/${digest}`, MaxKeys: 5 });
  const found = await s3.send(list).catch((cause) => {
    if (cause instanceof Error && cause.name === 'AccessDenied')
      throw new BundlesHidden({ digest, environment }, { cause });
    throw cause;
  });
  const means = (found.Contents ?? []).map(({ Key = '' }) => Key.replace(/^bundles\/|\.json$/g, ''));
  if (means.length !== 1) throw new DigestUnknown({ digest, environment, means });
  return means[0]!;
};
