import { readFile, stat } from 'node:fs/promises';
import { failure } from '../failure.ts';
import { BundleNotFound, objects } from '../ledger/objects.ts';
import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** What was given as a bundle is neither a folder nor a file here, and too short for a digest. */
export const DigestCut = failure(
  'DigestCut',
  (it: { said: string }) =>
    `There is no folder or file ${it.said}. If it is the digest of a bundle, give all 64 digits, as \`lockstep bundle\` prints them.`,
);

/** A bundle that a command was given; `here` where it is on this machine and not only in an environment's bucket. */
export type Given = { digest: string; here: Bundle | null };

/**
 * Reads what `--bundle` says: a folder of migrations, a file that `lockstep bundle --output` wrote, or the digest of a
 * bundle that an environment has already. A folder may have a name like a digest: `./…` means the folder.
 *
 * @throws DigestCut, FolderNotFound, MigrationsInvalid, BundleTampered, BundleUnreadable
 */
export const whichBundle = async (said: string): Promise<Given> => {
  if (/^[0-9a-f]{64}$/.test(said)) return { digest: said, here: null };
  const there = await stat(said).catch(() => null);
  if (there === null && /^[0-9a-f]{8,63}$/.test(said)) throw new DigestCut({ said });
  if (there?.isFile()) {
    const [{ parseBundle }, { sha256 }] = await Promise.all([
      import('../migrations/parse-bundle.ts'),
      import('../migrations/digest.ts'),
    ]);
    const text = await readFile(said, 'utf8');
    const digest = sha256(text);
    return { digest, here: parseBundle(text, digest) };
  }
  const { bundle } = await import('../migrations/build.ts');
  const { bundle: here, digest } = await bundle(said);
  return { digest, here };
};

/** The bundle itself, out of the first of the environments' buckets that has it where it isn't here. @throws BundleNotFound */
export const contentsOf = async (
  { here, digest }: Given,
  { s3 }: Pick<Clients, 's3'>,
  pipelines: Pick<Pipeline, 'bucket'>[],
): Promise<Bundle> => {
  if (here) return here;
  for (const { bucket } of pipelines) {
    try {
      return await objects(s3, bucket).anyBundle(digest);
    } catch (error) {
      if (!(error instanceof BundleNotFound)) throw error;
    }
  }
  throw new BundleNotFound({ digest });
};
