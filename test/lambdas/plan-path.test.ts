import { expect, it } from 'vitest';
import { sign } from '../../lib/ledger/signed.ts';
import { digest as digestOf } from '../../lib/migrations/digest.ts';
import { attestationKey } from '../../lib/policy/promotion/statements.ts';
import { bundleOf, inWavesOf, run } from '../fleet/samples.ts';
import { attested, path, place } from '../policy/promotion/sample.ts';
import { step, uploaded } from './harness.ts';

const PLACES = JSON.stringify({ staging: place(), production: place({ bucket: 'production' }) });
const { opened } = step('plan', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', PROMOTION_BUCKET: 'assets', PROMOTION_KEY: 'paths.json', PLACES },
});

const bundle = bundleOf('001');
const digest = digestOf(bundle);

it.each([
  ['people decided', 'p'.repeat(64)],
  ['it was parked, where nobody is asked', null],
])('carries nothing out that was taken back before it came here while %s', async (_, approved) => {
  const files = { ...uploaded(bundle), 'paths.json': JSON.stringify({ paths: [path()] }) };
  const { bucket, kms, invoke } = await opened(files);
  const back = attested({ digest, standing: 'reverted', because: 'two took it back' });
  const Body = JSON.stringify(await sign(kms, 'key-1', back));
  await bucket.put({ Bucket: 'staging', Key: attestationKey(digest), Body });
  const admitted = run({ digest, path: { name: 'regular', approvals: null, by: null } });
  const again = {
    ...{ run: admitted, rollout: inWavesOf(1), results: 'x', approved },
    ...{ lint: null, facts: null },
  };
  await expect(invoke(again)).rejects.toMatchObject({
    name: 'PromotionRefused',
    message: expect.stringContaining('staging: taken back'),
  });
});
