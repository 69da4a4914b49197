import { GetObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { failure } from '../failure.ts';
import { isMissing } from './objects.ts';

/** Every version of an object, newest first; a text of null is a deletion. */
export type Versions = (key: string) => Promise<{ version: string; text: string | null }[]>;

/** Reads what lies in a bucket, and what lay there before. */
export const versionsIn =
  (client: Pick<S3Client, 'send'>, bucket: string): Versions =>
  async (key) => {
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, MaxKeys: MOST }));
    const { Versions = [], DeleteMarkers = [], IsTruncated } = listed;
    const found = [
      ...Versions.map((it) => ({ ...it, deleted: false })),
      ...DeleteMarkers.map((it) => ({ ...it, deleted: true })),
    ].filter(({ Key }) => Key === key);
    // S3 lists the newest first, but deletions apart; of one second, the latest is what stands.
    found.sort(
      (a, b) => Number(b.IsLatest) - Number(a.IsLatest) || Number(b.LastModified ?? 0) - Number(a.LastModified ?? 0),
    );
    if (IsTruncated || found.length > MOST) throw new TooManyVersions({ key, most: MOST });
    return inGroups(found, async ({ VersionId: version = '', deleted }) => {
      if (deleted) return { version, text: null };
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version }));
      return { version, text: (await Body?.transformToString('utf-8')) ?? '' };
    });
  };

/** The version of an object that lies there now; null where none does, or a deletion. */
export const newestIn =
  (client: Pick<S3Client, 'send'>, bucket: string) =>
  async (key: string): Promise<string | null> => {
    try {
      const { Body, VersionId } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      // What is left unread keeps its connection.
      await Body?.transformToString();
      return VersionId ?? null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };

/** Does so many at once: a service turns away whoever asks for a thousand. */
export const inGroups = async <Item, Done>(items: Item[], work: (item: Item) => Promise<Done>): Promise<Done[]> => {
  const done: Done[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    done.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return done;
};

const AT_ONCE = 20;

/** One page. A run adds a version only where it ran SQL, or something else than what it would say lies there. */
const MOST = 1000;

/** More than can be looked at before each run. */
export const TooManyVersions = failure(
  'TooManyVersions',
  (it: { key: string; most: number }) =>
    `${it.key} has more than ${it.most} versions, more than are read. Make a bundle of another digest, by one more migration, and run that.`,
);
