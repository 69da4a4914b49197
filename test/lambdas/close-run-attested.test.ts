import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, expect, it } from 'vitest';
import { openRequest } from '../../lib/ledger/requests.ts';
import { recordRestorePoint } from '../../lib/ledger/restore-points.ts';
import { recordRestored } from '../../lib/ledger/restores.ts';
import { type RunRecord, recordRun, runRecord } from '../../lib/ledger/runs.ts';
import { recordStanding, standingOf } from '../../lib/ledger/standings.ts';
import { attestationKey } from '../../lib/policy/promotion/statements.ts';
import { asked, policy } from '../approval/request.ts';
import { points } from '../fleet/restore/samples.ts';
import { run } from '../fleet/samples.ts';
import { attested, digest } from '../policy/promotion/sample.ts';
import { awsError, mocks, step } from './harness.ts';

const { opened } = step('close-run', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic', ATTESTATION_KEY: 'arn:key' },
});

const votes = [
  {
    ...{ by: 'Cleo', decision: 'approved' as const, reason: '', channel: 'mail' as const, assurance: 'low' as const },
    ...{ at: '2026-01-05T09:30:00.000Z', identity: 'cleo@example.com' },
  },
];
const other = 'e'.repeat(64);
const earlier = 'c'.repeat(64);
const stopDate = new Date('2026-01-05T10:00:00.000Z');
const now = run({ run: 'run-2', token: 12, requestedBy: 'dora' });
const event = { detail: { executionArn: now.execution, name: 'run-2' } };

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
  mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'ABORTED', cause: '', stopDate } as never);
});

/** Three bundles stand: one since before run-1, the other two since. */
const stopped = async (more: Partial<RunRecord> = {}, { begun = true } = {}) => {
  const it = await opened();
  await recordRun(it.ledger, { ...run(), status: 'SUCCEEDED' });
  await recordRun(it.ledger, { ...now, status: 'RUNNING', planDigest: 'plan', ...more });
  for (const said of [attested(), attested({ digest: other, token: 9 }), attested({ digest: earlier, token: 6 })])
    await recordStanding(it.ledger, said);
  await openRequest(it.ledger, asked({ run: 'run-2', policy: policy({ slack: null }), votes }));
  if (begun) await recordRestorePoint(it.ledger, 'run-2', points.snapshot);
  const standing = () => Promise.all([digest, other, earlier].map((of) => standingOf(it.ledger, of)));
  return { ...it, standing };
};

const stands = (token: number) => ({ standing: 'succeeded', token });

it('takes back what was said of its bundle, as it may have run SQL', async () => {
  const { invoke, standing, json } = await stopped();
  expect(await invoke(event)).toEqual({ closed: true });
  const found = await standing();
  expect(found).toMatchObject([{}, stands(9), stands(6)]);
  expect(found[0]).toEqual({
    ...attested(),
    ...{ run: 'run-2', token: 12, plan: 'plan', standing: 'failed', because: 'run-2 ended without a report' },
    ...{ wholeFleet: false, verdicts: {}, fingerprint: null, requestedBy: 'dora', approvedBy: ['Cleo'] },
    ...{ startedAt: now.startedAt, endedAt: stopDate.toISOString() },
  });
  expect(JSON.parse(json(attestationKey(digest)).statement)).toEqual(found[0]);
});

it('says nothing where it had not come to any SQL', async () => {
  const { invoke, standing } = await stopped({}, { begun: false });
  await invoke(event);
  expect(await standing()).toMatchObject([stands(7), stands(9), stands(6)]);
});

it('says nothing of a bundle that nothing was said of', async () => {
  const { invoke, ledger, bucket } = await stopped({ digest: 'b'.repeat(64) });
  await invoke(event);
  expect(await standingOf(ledger, 'b'.repeat(64))).toBeUndefined();
  expect(Object.keys(bucket.files)).toEqual([]);
});

it('and was to take a run back, takes back what was said since of every bundle', async () => {
  const { invoke, standing } = await stopped({ revert: 'run-1' });
  await invoke(event);
  const back = { standing: 'reverted', run: 'run-2', token: 12 };
  expect(await standing()).toMatchObject([back, back, stands(6)]);
});

it.each([
  [true, { standing: 'restored', token: 12, because: 'run-2 has restored databases to the state before run-1' }],
  [false, { standing: 'succeeded' }],
])(
  'and was to restore: that takes back what was said since, if names were exchanged (%s)',
  async (exchanging, said) => {
    const { invoke, ledger, standing } = await stopped({ restores: 'run-1' }, { begun: false });
    await recordRestored(ledger, 'run-2', {
      ...{ cluster: 'orders', state: 'working', note: '', restored: 'orders-new', resourceId: 'cluster-NEW' },
      ...{ kept: null, failure: null, exchanging },
    });
    await invoke(event);
    expect(await standing()).toMatchObject([said, said, stands(6)]);
  },
);

it('is closed only when that is said: broken off, it is said again', async () => {
  const { invoke, ledger, bucket, json } = await stopped();
  const put = bucket.put;
  mocks.s3.on(PutObjectCommand).rejects(awsError('AccessDenied'));
  await expect(invoke(event)).rejects.toMatchObject({ name: 'AccessDenied' });
  expect((await runRecord(ledger, 'run-2'))?.untold).toBe(true);
  mocks.s3.on(PutObjectCommand).callsFake(put);
  expect(await invoke(event)).toEqual({ closed: true });
  expect(JSON.parse(json(attestationKey(digest)).statement)).toMatchObject({ standing: 'failed', token: 12 });
});
