import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, expect, it } from 'vitest';
import { acquireLease } from '../../lib/ledger/lease.ts';
import { type Restored, recordRestored } from '../../lib/ledger/restores.ts';
import { recordRun, runRecord } from '../../lib/ledger/runs.ts';
import { recordStanding, standingOf } from '../../lib/ledger/standings.ts';
import { attestationKey } from '../../lib/policy/promotion/statements.ts';
import { item } from '../fleet/restore/samples.ts';
import { run } from '../fleet/samples.ts';
import { itemsOf } from '../ledger/harness.ts';
import { attested, digest } from '../policy/promotion/sample.ts';
import { mocks, published, step } from './harness.ts';

const { opened, counted } = step('report-restore', {
  ATTESTATION_KEY: 'arn:key',
  SERVICE: 'shop',
  ENVIRONMENT: 'production',
  TOPIC: 'arn:topic',
});

const restore = run({ run: 'restore-1', execution: 'restore', token: 12, requestedBy: 'dora' });
const plan = {
  ...{ restores: 'run-1', service: 'shop', environment: 'production', digest: 'd', swap: true, policy: 'p' },
  ...{ version: '1', clusters: [item()] },
};
const event = (more: object = {}) => ({
  ...{
    run: { run: 'restore-1', startedAt: restore.startedAt, token: restore.token },
    restores: 'run-1',
    execution: 'restore',
    failure: null,
  },
  ...more,
});
const done: Restored = {
  ...{ cluster: 'orders', state: 'swapped', note: '', restored: 'orders', resourceId: 'cluster-NEW' },
  ...{ kept: 'orders-before-1', exchanging: true, failure: null },
};

beforeEach(() => void mocks.sns.on(PublishCommand).resolves({}));

const ended = async (restored: Restored | null, more: object = {}) => {
  const it = await opened({ 'runs/restore-1/plan.json': JSON.stringify(plan) });
  await recordRun(it.ledger, { ...restore, status: 'RUNNING', planDigest: 'digest' });
  await acquireLease(it.ledger, 'restore', new Date(), async () => true);
  if (restored) await recordRestored(it.ledger, 'restore-1', restored);
  const answer = await it.invoke(event(more));
  const owners = (await itemsOf(it.ledger)).filter(({ pk }) => pk === 'LEASE').map(({ owner }) => owner);
  expect(owners).toEqual([undefined]);
  return { ...it, answer };
};

it('tells of a success what became of each cluster', async () => {
  const { answer, json, ledger } = await ended(done);
  expect(answer).toEqual({ status: 'SUCCEEDED', failure: null, report: 'runs/restore-1/report.json' });
  expect(json('runs/restore-1/report.json')).toMatchObject({
    ...{ restores: 'run-1', swap: true, planDigest: 'digest' },
    clusters: [{ cluster: 'orders', state: 'swapped', restored: 'orders', kept: 'orders-before-1', databases: 2 }],
  });
  expect(await runRecord(ledger, 'restore-1')).toMatchObject({ status: 'SUCCEEDED' });
  expect(counted()).toMatchObject([{ RunsSucceeded: 1, RunsFailed: 0, run: 'restore-1' }]);
  expect(published()).toMatchObject([
    {
      Subject: 'SUCCEEDED: shop production',
      Message: expect.stringContaining('the old one is orders-before-1'),
    },
  ]);
});

it.each([
  [
    'a cluster broke',
    { ...done, state: 'failed' as const, failure: { error: 'RestoreDiffers', cause: 'orders: no' } },
    null,
    'RestoreDiffers',
    'orders: no',
  ],
  ['a step broke', null, { Error: 'RestoreRefused', Cause: '{"errorMessage":"why"}' }, 'RestoreRefused', 'why'],
  ['it did not come to a cluster', null, null, 'RestoreFailed', 'The restore did not come to orders.'],
  [
    'a cluster was restored but not swapped in',
    { ...done, state: 'restored' as const },
    null,
    'RestoreFailed',
    'orders',
  ],
])('tells of a failure where %s', async (_, restored, failure, error, cause) => {
  const { answer } = await ended(restored, { failure });
  expect(answer).toMatchObject({ status: 'FAILED', failure: { error, cause: expect.stringContaining(cause) } });
  expect(published()[0]?.Message).toContain(cause);
  expect(counted()).toMatchObject([{ RunsSucceeded: 0, RunsFailed: 1 }]);
});

const later = 'e'.repeat(64);
const earlier = 'c'.repeat(64);
const standing = async (restored: Restored, more: object = {}) => {
  const it = await opened({ 'runs/restore-1/plan.json': JSON.stringify(plan) });
  await recordRun(it.ledger, { ...run({ token: 7 }), status: 'SUCCEEDED' });
  await recordRun(it.ledger, { ...restore, status: 'RUNNING', planDigest: 'digest' });
  for (const said of [attested(), attested({ digest: later, token: 9 }), attested({ digest: earlier, token: 6 })])
    await recordStanding(it.ledger, said);
  await recordRestored(it.ledger, 'restore-1', restored);
  await it.invoke(event(more));
  const found = await Promise.all([digest, later, earlier].map((of) => standingOf(it.ledger, of)));
  return { ...it, found };
};

it.each([
  ['was made', done],
  [
    'was begun and broke',
    { ...done, state: 'failed' as const, kept: null, failure: { error: 'RestoreFailed', cause: 'orders: no' } },
  ],
])('takes back what was said since the restored run, where an exchange %s', async (_, restored) => {
  const { found, json } = await standing(restored);
  expect(found).toMatchObject([
    { standing: 'restored', run: 'restore-1', token: 12, requestedBy: 'dora', approvedBy: [], fingerprint: null },
    { standing: 'restored', token: 12 },
    { standing: 'succeeded', token: 6 },
  ]);
  expect(JSON.parse(json(attestationKey(digest)).statement)).toEqual(found[0]);
});

it('lets stand what was said where the restored clusters only stand beside the others', async () => {
  const { found } = await standing({ ...done, state: 'restored', kept: null, exchanging: false });
  expect(found.map((it) => it?.standing)).toEqual(['succeeded', 'succeeded', 'succeeded']);
});

it('tells of a restore that was never let in, and touches nothing of an earlier one', async () => {
  const { invoke, ledger } = await opened();
  const failure = { Error: 'LeaseHeld', Cause: 'somebody' };
  const answer = await invoke(event({ run: { run: 'restore-1' }, restores: null, failure }));
  expect(answer).toMatchObject({ status: 'FAILED', failure: { error: 'LeaseHeld' } });
  expect(await runRecord(ledger, 'restore-1')).toBeUndefined();
});
