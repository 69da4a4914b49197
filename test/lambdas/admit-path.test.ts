import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { acquireLease } from '../../lib/ledger/lease.ts';
import { sign } from '../../lib/ledger/signed.ts';
import { canonical, digest as digestOf } from '../../lib/migrations/digest.ts';
import type { Path } from '../../lib/policy/promotion/path.ts';
import { attestationKey, evidenceKey } from '../../lib/policy/promotion/statements.ts';
import { bundleOf } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { attested, path, place, said } from '../policy/promotion/sample.ts';
import { mocks, step, uploaded } from './harness.ts';

const PLACES = JSON.stringify({ staging: place(), production: place({ bucket: 'production', evidence: 'key-3' }) });
const { opened } = step('admit', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', PROMOTION_BUCKET: 'assets', PROMOTION_KEY: 'paths.json', PLACES },
});

const bundle = bundleOf('001');
const digest = digestOf(bundle);
const execution = 'arn:aws:states:eu-west-1:111111111111:execution:shop:run-1';
const event = (input: object = {}, startedAt = new Date().toISOString()) => ({
  ...{ input: { digest, requestedBy: 'anna', ...input }, execution, run: 'run-1', startedAt },
});

beforeEach(() => {
  mocks.sfn.on(DescribeExecutionCommand, { executionArn: execution }).resolves({ status: 'RUNNING' });
});

/** All buckets are one here. */
const on = async (paths: Path[], { files = uploaded(bundle), succeeded = true } = {}) => {
  const it = await opened({ ...files, 'paths.json': JSON.stringify({ paths }) });
  if (succeeded)
    it.bucket.put({
      ...{ Bucket: 'staging', Key: attestationKey(digest) },
      Body: JSON.stringify(await sign(it.kms, 'key-1', attested({ digest }))),
    });
  return it;
};

describe('where paths are declared, a run', () => {
  it('is admitted by the first, and what was found on it is written down', async () => {
    const { invoke, json } = await on([path(), path({ name: 'hotfix' })]);
    expect(await invoke(event())).toMatchObject({ digest, path: { name: 'regular', approvals: null, by: null } });
    expect(json('runs/run-1/promotion.json')).toMatchObject({
      attestations: [{ environment: 'staging', run: 'staging-1' }],
    });
  });

  it('is admitted by another that it names, with what that asks of approvers', async () => {
    const { invoke } = await on([path(), path({ name: 'hotfix', approvals: 2, by: ['dba'] })]);
    expect(await invoke(event({ path: 'hotfix' }))).toMatchObject({
      path: { name: 'hotfix', approvals: 2, by: ['dba'] },
    });
  });

  it('is refused without what the path asks for, and takes no lease', async () => {
    const { invoke, ledger } = await on([path()], { succeeded: false });
    await expect(invoke(event())).rejects.toMatchObject({
      name: 'PromotionRefused',
      message: expect.stringContaining('- staging: it has not succeeded there'),
    });
    expect(await itemsOf(ledger)).toEqual([]);
  });

  it('is refused even if it waits, where what it lacks does not come by waiting, or its patience is over', async () => {
    const waiting = path({ patience: 3600 });
    const missing = await on([waiting], { succeeded: false });
    await expect(missing.invoke(event({ waits: true }))).rejects.toMatchObject({ name: 'NotPromotedYet' });
    const before = new Date(Date.now() - 3_601_000).toISOString();
    await expect(missing.invoke(event({ waits: true }, before))).rejects.toMatchObject({ name: 'PromotionRefused' });
    missing.bucket.put({ Bucket: 'staging', Key: attestationKey(digest), Body: 'nonsense' });
    await expect(missing.invoke(event({ waits: true }))).rejects.toMatchObject({ name: 'PromotionRefused' });
    // Nothing starts by itself on this one.
    const never = await on([path()], { succeeded: false });
    await expect(never.invoke(event({ waits: true }))).rejects.toMatchObject({ name: 'PromotionRefused' });
  });

  it('is refused where a check is attested in one of two environments that are asked for it', async () => {
    const evidence = ['staging', 'production'].map((where) => ({ name: 'uat', by: null, matching: null, in: where }));
    const { invoke, bucket, kms } = await on([path({ evidence })]);
    const uat = said({ name: 'uat', digest, environment: 'production' });
    // In the one bucket of this test, each environment verifies with a key of its own.
    const Body = JSON.stringify(await sign(kms, 'key-3', uat));
    bucket.put({ Bucket: 'production', Key: evidenceKey(digest, 'uat'), Body });
    await expect(invoke(event())).rejects.toMatchObject({
      name: 'PromotionRefused',
      message: expect.stringMatching(/:\n- uat: in staging it does not count[^\n]*$/),
    });
  });

  it('that waits waits for its turn as well', async () => {
    const { invoke, ledger } = await on([path({ patience: 3600 })]);
    await acquireLease(
      ledger,
      'arn:aws:states:eu-west-1:111111111111:execution:shop:other',
      new Date(),
      async () => true,
    );
    mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await expect(invoke(event())).rejects.toMatchObject({ name: 'LeaseHeld' });
    await expect(invoke(event({ waits: true }))).rejects.toMatchObject({ name: 'NotPromotedYet' });
    // No longer than for anything else.
    const before = new Date(Date.now() - 3_601_000).toISOString();
    await expect(invoke(event({ waits: true }, before))).rejects.toMatchObject({ name: 'LeaseHeld' });
  });

  it('of a bundle that nobody has anywhere is refused', async () => {
    const { invoke } = await on([path()], { files: {} });
    await expect(invoke(event())).rejects.toMatchObject({ name: 'BundleNotFound' });
  });

  it('of a bundle that is not what its digest says is refused', async () => {
    const { invoke } = await on([path()], { files: { [`bundles/${digest}.json`]: canonical(bundleOf('002')) } });
    await expect(invoke(event())).rejects.toMatchObject({ name: 'BundleTampered' });
  });
});
