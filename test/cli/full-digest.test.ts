import { expect, test } from 'vitest';
import type { Clients } from '../../lib/cli/clients.ts';
import { fullDigest } from '../../lib/cli/full-digest.ts';

const digest = `abcdef012345${'0'.repeat(52)}`;
const other = `abcdef012345${'1'.repeat(52)}`;
const asked = (given: string, answer: () => Promise<object>) =>
  fullDigest({ s3: { send: answer } as unknown as Clients['s3'] }, { bucket: 'b', environment: 'staging' }, given);
const listed =
  (...all: string[]) =>
  async () => ({ Contents: all.map((it) => ({ Key: `bundles/${it}.json` })) });
const failing = (name: string) => () => Promise.reject(Object.assign(new Error('as S3 says'), { name }));

test('a digest is found by its beginning where it has been uploaded, and a whole one is not looked for', async () => {
  expect(await asked('abcdef012345', listed(digest))).toBe(digest);
  expect(await asked(digest, failing('AccessDenied'))).toBe(digest);
});

test.each([
  ['names none', 'abcdef012345', listed(), 'DigestUnknown', 'staging has no bundle abcdef012345.'],
  ['names two', 'abcdef012345', listed(digest, other), 'DigestUnknown', 'Give more digits'],
  ['is none', 'main', listed(digest), 'DigestUnknown', 'staging has no bundle main.'],
  ['may not be looked for', 'abcdef012345', failing('AccessDenied'), 'BundlesHidden', 'Give all 64 digits'],
  ['S3 does not answer', 'abcdef012345', failing('SlowDown'), 'SlowDown', 'as S3 says'],
] as const)('what %s is told', async (_, given, answer, name, message) => {
  await expect(asked(given, answer)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
});
