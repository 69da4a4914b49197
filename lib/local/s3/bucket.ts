import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

/** One version of an object; a delete marker is one without a body. */
export type Version = {
  versionId: string;
  modified: string;
  /** File under the bucket's `bodies`; null for a delete marker. */
  body: string | null;
  size: number;
  /** MD5 of the body, hex, without quotes. */
  etag: string;
  /** Headers to give back: content-type, cache-control, x-amz-meta-… and the checksum it was sent with. */
  headers: Record<string, string>;
};

export type StoredObject = { key: string; versions: Version[] };
type Described = { name: string; created: string; versioned: boolean };

export type Bucket = ReturnType<typeof openBucket>;

/**
 * A bucket in a folder: `bucket.json`, one file per key with all its versions (newest first), and the bodies.
 * A key's file is named by the key's hash, so no key can lead out of the folder or collide on a case-blind disk;
 * renaming it into place is what commits a write.
 */
export const openBucket = (folder: string, clock: Clock) => {
  const described: Described = JSON.parse(readFileSync(join(folder, 'bucket.json'), 'utf8'));
  const objects = load(folder);
  const current = (key: string) => objects.get(key)?.versions[0];

  const commit = (key: string, version: Version) => {
    const older = objects.get(key)?.versions ?? [];
    const replaced = described.versioned ? [] : older.filter(({ versionId }) => versionId === 'null');
    const kept = older.filter((it) => !replaced.includes(it));
    save(folder, objects, { key, versions: [version, ...kept] });
    for (const { body } of replaced) if (body) rmSync(join(folder, 'bodies', body), { force: true });
  };
  const versionId = () => (described.versioned ? randomBytes(24).toString('base64url') : 'null');

  return {
    name: described.name,
    created: described.created,
    versioned: described.versioned,
    current,
    version: (key: string, id: string) => objects.get(key)?.versions.find((it) => it.versionId === id),
    /** Every object, by key in the order of their UTF-8 bytes, as S3 lists them. */
    objects: () => [...objects.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
    body: (version: Version) => readFile(join(folder, 'bodies', version.body!)),
    /** The same, or the part between two offsets, to be read on even when another has taken its place meanwhile. */
    stream: async (version: Version, part: { start?: number; end?: number } = {}) =>
      (await open(join(folder, 'bodies', version.body!))).createReadStream(part),

    /**
     * Stores a new version, unless `precondition` refuses what stands there when storing begins or ends; it is told
     * where another has been stored meanwhile. What is given in pieces is asked for the next when one is written.
     */
    async put(
      key: string,
      body: Buffer | Iterable<Buffer>,
      headers: Record<string, string>,
      precondition: (standing: Version | undefined, overtaken: boolean) => void = () => {},
    ) {
      const before = current(key);
      precondition(before, false);
      const file = randomUUID();
      let written: Pick<Version, 'size' | 'etag'>;
      try {
        written = await write(join(folder, 'bodies', file), Buffer.isBuffer(body) ? [body] : body);
        const after = current(key);
        precondition(after, after !== before);
      } catch (refusal) {
        rmSync(join(folder, 'bodies', file), { force: true });
        throw refusal;
      }
      const version = {
        versionId: versionId(),
        modified: clock.now().toISOString(),
        body: file,
        ...written,
        headers,
      };
      commit(key, version);
      return version;
    },

    /** Without an id: deletes the object, or in a versioned bucket hides it behind a delete marker. */
    remove(key: string, id?: string): { versionId?: string; deleteMarker?: boolean } {
      const object = objects.get(key);
      if (id === undefined && described.versioned) {
        const marker = {
          versionId: versionId(),
          modified: clock.now().toISOString(),
          body: null,
          size: 0,
          etag: '',
          headers: {},
        };
        commit(key, marker);
        return { versionId: marker.versionId, deleteMarker: true };
      }
      const gone = object?.versions.find(({ versionId }) => versionId === (id ?? 'null'));
      if (!object || !gone) return id ? { versionId: id } : {};
      save(folder, objects, { key, versions: object.versions.filter((it) => it !== gone) });
      if (gone.body) rmSync(join(folder, 'bodies', gone.body), { force: true });
      return id ? { versionId: id, deleteMarker: gone.body === null } : {};
    },
  };
};

const write = async (file: string, pieces: Iterable<Buffer>): Promise<Pick<Version, 'size' | 'etag'>> => {
  const md5 = createHash('md5');
  let size = 0;
  const watched = function* () {
    for (const piece of pieces) {
      md5.update(piece);
      size += piece.length;
      yield piece;
    }
  };
  await writeFile(file, watched());
  return { size, etag: md5.digest('hex') };
};

/** Writes what `openBucket` reads; a bucket that exists keeps its objects and its date. */
export const describeBucket = (folder: string, described: Described) => {
  mkdirSync(join(folder, 'bodies'), { recursive: true });
  mkdirSync(join(folder, 'keys'), { recursive: true });
  replace(join(folder, 'bucket.json'), JSON.stringify(described));
};

const load = (folder: string) => {
  const objects = new Map<string, StoredObject>();
  for (const file of readdirSync(join(folder, 'keys'))) {
    if (!file.endsWith('.json')) continue;
    const object: StoredObject = JSON.parse(readFileSync(join(folder, 'keys', file), 'utf8'));
    objects.set(object.key, object);
  }
  return objects;
};

const save = (folder: string, objects: Map<string, StoredObject>, object: StoredObject) => {
  const file = join(folder, 'keys', `${createHash('sha256').update(object.key).digest('hex')}.json`);
  if (object.versions.length === 0) {
    rmSync(file, { force: true });
    objects.delete(object.key);
    return;
  }
  replace(file, JSON.stringify(object));
  objects.set(object.key, object);
};

const replace = (file: string, text: string) => {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};
