import { expect, it } from 'vitest';
import { bundleKey, mapResults, objects, runKey } from '../../lib/ledger/objects.ts';
import { canonical, digest } from '../../lib/migrations/digest.ts';
import { bundleOf } from '../fleet/samples.ts';
import { memoryBucket } from './harness.ts';

const one = bundleOf('001');
const two = bundleOf('001', '002');

const opened = (files: Record<string, string> = {}) => {
  const bucket = memoryBucket(files);
  return { ...bucket, ...objects(bucket.client, 'bucket') };
};

const uploaded = () => opened({ [bundleKey(digest(one))]: canonical(one), [bundleKey(digest(two))]: canonical(two) });

it('reads back what it wrote', async () => {
  const it = opened();
  await it.write(runKey('run-1', 'plan'), { a: ['ü', null] });
  expect(await it.json('runs/run-1/plan.json')).toEqual({ a: ['ü', null] });
  expect(await it.text('runs/run-1/plan.json')).toBe('{"a":["ü",null]}');
});

it('says where things lie', () => {
  expect([bundleKey('d'), runKey('r', 'fleet'), runKey('r', 'waves/3')]).toEqual([
    'bundles/d.json',
    'runs/r/fleet.json',
    'runs/r/waves/3.json',
  ]);
});

it('reads a bundle once and hands out the right one ever after', async () => {
  const it = uploaded();
  expect(await it.bundle(digest(one))).toEqual(one);
  expect(await it.bundle(digest(one))).toEqual(one);
  expect(it.read).toHaveLength(1);
  expect(await it.bundle(digest(two))).toEqual(two);
  expect(await it.bundle(digest(one))).toEqual(one);
});

it('refuses a bundle of which one byte is another', async () => {
  const text = canonical(one);
  for (const at of [0, Math.floor(text.length / 2), text.length - 1]) {
    const forged = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;
    const it = opened({ [bundleKey(digest(one))]: forged });
    await expect(it.bundle(digest(one))).rejects.toMatchObject({ name: 'BundleTampered' });
  }
  const other = opened({ [bundleKey(digest(one))]: canonical(two) });
  await expect(other.bundle(digest(one))).rejects.toMatchObject({ name: 'BundleTampered' });
});

it('forgets nothing good over a bad bundle, and keeps nothing bad', async () => {
  const it = uploaded();
  it.files[bundleKey(digest(two))] = canonical(one);
  expect(await it.bundle(digest(one))).toEqual(one);
  await expect(it.bundle(digest(two))).rejects.toMatchObject({ name: 'BundleTampered' });
  await expect(it.bundle(digest(two))).rejects.toMatchObject({ name: 'BundleTampered' });
  expect(await it.bundle(digest(one))).toEqual(one);
});

it.each(['NoSuchKey', 'AccessDenied'])('says of %s that nobody has uploaded the bundle', async (name) => {
  const send = async () => {
    throw Object.assign(new Error('as S3 says'), { name });
  };
  const missing = objects({ send } as never, 'bucket').bundle(digest(one));
  await expect(missing).rejects.toMatchObject({
    name: 'BundleNotFound',
    message: `There is no bundle ${digest(one)} in the environment's bucket. Upload it first.`,
    cause: { name },
  });
});

it('lets other trouble of S3 through', async () => {
  const send = async () => {
    throw Object.assign(new Error('slow down'), { name: 'SlowDown' });
  };
  await expect(objects({ send } as never, 'bucket').bundle(digest(one))).rejects.toMatchObject({ name: 'SlowDown' });
});

it("collects a map's answers out of all files that its manifest lists", async () => {
  const answers = (...all: object[]) => JSON.stringify(all.map((it) => ({ Output: JSON.stringify(it) })));
  const it = opened({
    'm/manifest.json': JSON.stringify({
      ResultFiles: {
        FAILED: [],
        PENDING: [],
        SUCCEEDED: [{ Key: 'm/SUCCEEDED_0.json' }, { Key: 'm/SUCCEEDED_1.json' }],
      },
    }),
    'm/SUCCEEDED_0.json': answers({ cluster: 'a' }, { cluster: 'b' }),
    'm/SUCCEEDED_1.json': answers({ cluster: 'c' }),
  });
  expect(await mapResults(it, 'm/manifest.json')).toEqual([{ cluster: 'a' }, { cluster: 'b' }, { cluster: 'c' }]);
});
