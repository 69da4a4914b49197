import { setImmediate } from 'node:timers/promises';
import { expect, it, test } from 'vitest';
import { countEvidence } from '../../lib/ledger/evidence-count.ts';
import { objects } from '../../lib/ledger/objects.ts';
import { readSigned, sign } from '../../lib/ledger/signed.ts';
import { recordStanding, standingOf, standingsSince } from '../../lib/ledger/standings.ts';
import { versionsIn } from '../../lib/ledger/versions.ts';
import { memoryKms } from '../helpers/kms.ts';
import { attested, digest, said } from '../policy/promotion/sample.ts';
import { ledgers, memoryBucket } from './harness.ts';

const { table } = ledgers();
const KEY = 'arn:key';
const key = 'attestations/one.json';
const asked: Parameters<typeof readSigned>[2] = { key, keyId: KEY, kind: 'attestation' };

const opened = () => {
  const kms = memoryKms().client;
  const { client } = memoryBucket();
  const bucket = objects(client, 'bucket');
  const versions = versionsIn(client, 'bucket');
  const put = async (statement: Parameters<typeof sign>[2], by = KEY) =>
    bucket.write(key, await sign(kms, by, statement));
  return { kms, client, bucket, versions, put, read: (it = asked) => readSigned(versions, kms, it) };
};

it('reads every version, newest first, each with whether its signature is that of the key', async () => {
  const { put, bucket, read } = opened();
  await put(attested());
  await put(attested({ token: 8 }), 'another key');
  await bucket.write(key, 'nonsense');
  expect(await read()).toEqual({
    versions: [
      { version: 'v3', statement: null, flaw: 'it is no signed statement' },
      { version: 'v2', statement: null, flaw: expect.stringContaining('its signature is not that of arn:key') },
      { version: 'v1', statement: attested(), flaw: null },
    ],
  });
});

it('takes no signature of evidence for one of an attestation, though the key is the same', async () => {
  const { put, read } = opened();
  await put(said());
  expect(await read()).toMatchObject({ versions: [{ flaw: expect.stringContaining('its signature') }] });
  expect(await read({ ...asked, kind: 'evidence' })).toMatchObject({ versions: [{ flaw: null }] });
});

it('sees each letter that was changed', async () => {
  const { kms, bucket, read } = opened();
  const { statement, signature } = await sign(kms, KEY, attested());
  await bucket.write(key, { statement: `${statement} `, signature });
  expect(await read()).toMatchObject({ versions: [{ flaw: expect.stringContaining('it was edited') }] });
});

test.each([0, 6145])(
  'takes what has a signature of %i bytes for none, which KMS would not even look at',
  async (length) => {
    const { bucket, versions, kms } = opened();
    const { statement } = await sign(kms, KEY, attested());
    await bucket.write(key, { statement, signature: Buffer.alloc(length).toString('base64') });
    const refusing = {
      send: () => Promise.reject(Object.assign(new Error('length'), { name: 'ValidationException' })),
    };
    expect(await readSigned(versions, refusing, asked)).toMatchObject({
      versions: [{ statement: null, flaw: 'it is no signed statement' }],
    });
  },
);

test.each(['AccessDenied', 'NotFoundException', 'DisabledException'])(
  'tells that nothing can be read where AWS says %s, and lets what may pass go on',
  async (name) => {
    const { put, versions, read, kms } = opened();
    await put(attested());
    const failing = (error: string) => ({
      send: () => Promise.reject(Object.assign(new Error('no'), { name: error })),
    });
    expect(await readSigned(versions, failing(name), asked)).toEqual({
      unreadable: `${key} can't be read or verified: no`,
    });
    await expect(readSigned(versions, failing('ThrottlingException'), asked)).rejects.toThrow('no');
    expect(await readSigned(versions, kms, asked)).toMatchObject(await read());
  },
);

it('reads a thousand versions, some at once, and no endless list of them', async () => {
  const { client, kms, put } = opened();
  for (let at = 0; at < 1000; at += 1) await put(attested({ token: at }));
  let [now, most] = [0, 0];
  const counting = <Client extends { send: unknown }>({ send }: Client) =>
    ({
      async send(command: unknown) {
        most = Math.max(most, ++now);
        await setImmediate();
        return (send as (it: unknown) => Promise<unknown>)(command).finally(() => now--);
      },
    }) as unknown as Client;
  const read = () => readSigned(versionsIn(counting(client), 'bucket'), counting(kms), asked);
  const found = await read();
  expect('versions' in found && found.versions.map(({ statement }) => (statement as { token: number }).token)).toEqual(
    Array.from({ length: 1000 }, (_, at) => 999 - at),
  );
  expect(most).toBe(20);
  await put(attested());
  expect(await read()).toEqual({ unreadable: expect.stringContaining('more than 1000 versions') });
});

test('words on a check are counted, several at once too', async () => {
  const ledger = await table();
  const all = await Promise.all(Array.from({ length: 5 }, () => countEvidence(ledger, digest, 'e2e')));
  expect(all.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(await countEvidence(ledger, digest, 'uat')).toBe(1);
});

test('of a bundle, the word of the latest run is remembered, whichever is told first', async () => {
  const ledger = await table();
  expect(await recordStanding(ledger, attested({ token: 9, standing: 'reverted' }))).toBe(true);
  expect(await recordStanding(ledger, attested({ token: 7 }))).toBe(false);
  expect(await standingOf(ledger, digest)).toMatchObject({ token: 9, standing: 'reverted' });
  await recordStanding(ledger, attested({ digest: 'e'.repeat(64), token: 5 }));
  expect((await standingsSince(ledger, 6)).map(({ token }) => token)).toEqual([9]);
});
