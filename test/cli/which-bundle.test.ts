import type { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { contentsOf, whichBundle } from '../../lib/cli/which-bundle.ts';
import { canonical, digest as digestOf } from '../../lib/migrations/digest.ts';
import { bundleOf } from '../fleet/samples.ts';

const bundle = bundleOf('1');
const digest = digestOf(bundle);

/** S3 with these objects, as `bucket/key`; anything else may be missing or forbidden. */
const s3 = (names: string[], otherwise = 'NoSuchKey') => {
  const asked: string[] = [];
  const send = async ({ input }: GetObjectCommand) => {
    const name = `${input.Bucket}/${input.Key}`;
    asked.push(name);
    if (!names.includes(name)) throw Object.assign(new Error(otherwise), { name: otherwise });
    return { Body: { transformToString: async () => canonical(bundle) } };
  };
  return { clients: { s3: { send } } as never, asked };
};
const pipelines = [{ bucket: 'staging' }, { bucket: 'production' }];
const given = { digest, here: null };

test.each([
  ['for runs', 'production/bundles', 'NoSuchKey'],
  ['for plans', 'production/previews', 'AccessDenied'],
  ['for runs, in the first', 'staging/bundles', 'NoSuchKey'],
])('a bundle is found in whichever environment has it %s', async (_, place, otherwise) => {
  expect(await contentsOf(given, s3([`${place}/${digest}.json`], otherwise).clients, pipelines)).toEqual(bundle);
});

test('one that is here is looked for nowhere', async () => {
  const { clients, asked } = s3([]);
  expect(await contentsOf({ digest, here: bundle }, clients, pipelines)).toBe(bundle);
  expect(asked).toEqual([]);
});

test('one that none of them has is told', async () => {
  await expect(contentsOf(given, s3([]).clients, pipelines)).rejects.toMatchObject({ name: 'BundleNotFound' });
});

test('an environment that can not be asked is not one that has none', async () => {
  await expect(contentsOf(given, s3([], 'SlowDown').clients, pipelines)).rejects.toMatchObject({ name: 'SlowDown' });
});

test('twelve digits of one, where no folder is called so, are told for what they are', async () => {
  await expect(whichBundle(digest.slice(0, 12))).rejects.toMatchObject({
    name: 'DigestCut',
    message: expect.stringContaining('give all 64 digits'),
  });
  await expect(whichBundle('nowhere')).rejects.toMatchObject({ name: 'FolderNotFound' });
});
