import { expect, it } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { recordVerdict } from '../../lib/ledger/runs.ts';
import { bundleOf, cluster, database, inWavesOf, run, verdict } from '../fleet/samples.ts';
import { step } from './harness.ts';

const { opened, logs } = step('converge');

const fleet = [cluster('a', database('orders', 1)), cluster('b', database('orders', 2, { fingerprint: 'new' }))];
const { plan, planDigest } = makePlan(bundleOf('001', '002'), fleet, {
  service: 'shop',
  environment: 'production',
  digest: 'd'.repeat(64),
  rollout: inWavesOf(1),
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
});
const files = () => ({ 'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: 2 }) });

it('tells the schema that the whole fleet has', async () => {
  const { invoke, ledger } = await opened(files());
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { fingerprint: 'new' }));
  expect(await invoke({ run: run() })).toEqual({ fingerprint: 'new' });
});

it('fails where databases differ, and tells which', async () => {
  const { invoke, ledger } = await opened(files());
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { fingerprint: 'odd' }));
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    name: 'FingerprintsDiffer',
    message: 'The fleet has 2 different schemas: odd in a/orders; new in b/orders.',
  });
  expect(JSON.parse(logs())).toMatchObject({ task: 'Converge', run: 'run-1', error: 'FingerprintsDiffer' });
});

it('fails where there is no plan to hold the fleet against', async () => {
  const { invoke } = await opened();
  await expect(invoke({ run: run() })).rejects.toMatchObject({ name: 'NoSuchKey' });
});

it('refuses an input that is more than the run', async () => {
  const { invoke } = await opened(files());
  await expect(invoke({ run: run(), wave: 1 })).rejects.toMatchObject({ name: 'InvalidInput' });
});
