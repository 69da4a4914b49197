import { DescribeAccountAttributesCommand, DescribeDBClusterSnapshotsCommand } from '@aws-sdk/client-rds';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { recordBase } from '../../lib/ledger/expected.ts';
import { canonical, digest, sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf, cluster, database, inWavesOf, run } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { mocks, step, uploaded } from './harness.ts';

const bundle = bundleOf('001', '002');
const name = '0123-abc';

describe('AdmitPreview', () => {
  const { opened } = step('admit-preview');
  const execution = `arn:aws:states:eu-west-1:111111111111:execution:orders-preview:${name}`;
  const event = (input: object = {}) => ({
    ...{ input: { digest: digest(bundle), ...input }, execution, name, startedAt: '2026-01-05T09:00:00.000Z' },
  });

  it('lets in who asks for a bundle that runs have, or that is there to be planned only', async () => {
    const there = { [`previews/${digest(bundle)}.json`]: canonical(bundle) };
    for (const files of [uploaded(bundle), there]) {
      const { invoke, ledger } = await opened(files);
      expect(await invoke(event())).toEqual({
        ...{ run: `_preview/${name}`, execution, digest: digest(bundle), startedAt: '2026-01-05T09:00:00.000Z' },
        ...{ token: 0, requestedBy: 'a preview', direction: 'up', decided: false, revert: null },
      });
      expect(await itemsOf(ledger)).toEqual([]);
    }
    expect(mocks.s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  it.each([
    ['a bundle that nobody has put there', event(), {}, 'BundleNotFound'],
    ['one that is not what its name says', event(), { [`previews/${digest(bundle)}.json`]: '{}' }, 'BundleTampered'],
    ['no digest', event({ digest: '../runs/x' }), {}, 'InvalidInput'],
    ['more than a digest', event({ revert: 'run-1' }), {}, 'InvalidInput'],
    ['a name that leads elsewhere', { ...event(), name: '../run-1' }, {}, 'InvalidInput'],
  ])('refuses %s', async (_, event, files, error) => {
    const { invoke } = await opened(files);
    await expect(invoke(event)).rejects.toMatchObject({ name: error });
  });
});

describe('PlanPreview', () => {
  const { opened } = step('plan-preview', {
    ...{ SERVICE: 'shop', ENVIRONMENT: 'production', RULES: 'rules', VERSION: '1.0.0', UNFIT: 'refuse' },
    ...{ FLEET_BUCKET: 'assets', FLEET_KEY: 'fleet.json', RESTORE_POINT: '{"kind":"pointInTime"}' },
  });
  const results = `runs/_preview/${name}/inspected/x/manifest.json`;
  const files = (...fleet: object[]) => ({
    ...uploaded(bundle),
    'fleet.json': JSON.stringify([{ cluster: 'a', secret: 'a', databases: ['orders'] }]),
    [`runs/_preview/${name}/fleet.json`]: JSON.stringify([{ cluster: 'a' }]),
    [`runs/_preview/${name}/discovery.json`]: JSON.stringify({ problems: [] }),
    [results]: JSON.stringify({ ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: 'SUCCEEDED_0.json' }] } }),
    'SUCCEEDED_0.json': JSON.stringify(fleet.map((it) => ({ Output: JSON.stringify(it) }))),
  });
  const admitted = run({ run: `_preview/${name}`, digest: digest(bundle) });
  const event = { run: admitted, rollout: inWavesOf(1), results, lint: null, facts: null };

  it('writes down what a run would do, in its own place, and nothing else anywhere', async () => {
    const { invoke, json, ledger } = await opened(files(cluster('a', database('orders', 1), database('billing', 2))));
    const answer = await invoke(event);
    expect(answer).toEqual({ planDigest: expect.stringMatching(/^[0-9a-f]{64}$/), pending: 1, migrations: 1 });
    expect(json(`runs/_preview/${name}/plan.json`)).toMatchObject({
      ...{ environment: 'production', digest: digest(bundle), planDigest: answer.planDigest },
      migrations: [{ id: '002', databases: 1 }],
    });
    expect(mocks.s3.commandCalls(PutObjectCommand)).toHaveLength(1);
    expect(await itemsOf(ledger)).toEqual([]);
  });

  it('says what speaks against a run', async () => {
    const edited = database('orders', 1, { problems: ['001 was edited'] });
    const { invoke } = await opened(files(cluster('a', edited)));
    await expect(invoke(event)).rejects.toThrow('a/orders: 001 was edited');
  });

  describe('where a database was changed by hand', () => {
    const CHANGED = '1 database (a/orders) was changed, though no migration has run';
    const drifted = async (policy: 'warn' | 'block', pending = true) => {
      const odd = database('orders', pending ? 1 : 2, { fingerprint: sha256('odd') });
      const opening = await opened(files(cluster('a', odd)));
      vi.stubEnv('DRIFT', policy);
      const { level } = odd;
      const base = { fingerprint: sha256('usual'), level, at: '2026-01-04T09:00:00.000Z', run: 'run-0' };
      await recordBase(opening.ledger, { cluster: 'a', database: 'orders' }, base);
      return opening;
    };

    it('tells that beside what a run would do', async () => {
      const { invoke, json } = await drifted('warn');
      expect(await invoke(event)).toMatchObject({ pending: 1 });
      expect(json(`runs/_preview/${name}/plan.json`).drift).toMatchObject([
        { kind: 'changed', count: 1, databases: ['a/orders'], found: sha256('odd'), acceptedBy: null },
      ]);
    });

    it('says that there could be no run where the rules want none of it', async () => {
      const { invoke, json } = await drifted('block');
      await expect(invoke(event)).rejects.toMatchObject({
        name: 'DriftFound',
        message: expect.stringContaining(CHANGED),
      });
      expect(json(`runs/_preview/${name}/plan.json`)).toBeNull();
    });

    it('says even so that a run would find nothing to do, as it would', async () => {
      const { invoke } = await drifted('block', false);
      expect(await invoke(event)).toMatchObject({ pending: 0 });
    });
  });

  it('says that the account has no room for the snapshots', async () => {
    const { cold } = await opened(files(cluster('a', database('orders', 1))));
    vi.stubEnv('RESTORE_POINT', '{"kind":"snapshot","keepFor":30}');
    const quota = { AccountQuotaName: 'ManualClusterSnapshots', Used: 100, Max: 100 };
    mocks.rds.on(DescribeAccountAttributesCommand).resolves({ AccountQuotas: [quota] });
    mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] });
    await expect((await cold())(event)).rejects.toMatchObject({ name: 'QuotaShort' });
  });
});
