import { expect, it } from 'vitest';
import { finishedRestore } from '../../lib/cli/finished-restore.ts';
import type { RestorePreview } from '../../lib/cli/restore-preview.ts';
import { acquireLease, releaseLease } from '../../lib/ledger/lease.ts';
import { recordRun, updateRun } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { run } from '../fleet/samples.ts';
import { ledgers } from '../ledger/harness.ts';

const { table } = ledgers();
const earlier = ['restore-1-run-1', 'restore-2-run-1', 'restore-3-run-1'];
const asked = (swap: boolean, ...names: string[]) =>
  ({ swap, clusters: names.map((cluster) => ({ cluster })) }) as unknown as RestorePreview;

const files: Record<string, object> = {
  'runs/restore-2-run-1/plan.json': { swap: true, clusters: [{ cluster: 'a' }, { cluster: 'b' }] },
  'runs/restore-2-run-1/report.json': {
    ...{ restores: 'run-1', swap: true, planDigest: 'p', failure: null, approvals: [] },
    clusters: [{ cluster: 'a', state: 'swapped' }],
  },
};
const send = async ({ input }: { input: { Key: string } }) => {
  const found = files[input.Key];
  if (!found) throw Object.assign(new Error(input.Key), { name: 'NoSuchKey' });
  return { Body: { transformToString: async () => JSON.stringify(found) } };
};

/** Somebody works in the environment and has ended. */
const worked = async (ledger: Table, execution: string) => {
  const { token } = await acquireLease(ledger, execution, new Date('2026-01-05T09:00:00.000Z'), async () => false);
  await releaseLease(ledger, execution);
  return token;
};

/** The second restore has ended so; of the third, which was not admitted, the ledger knows nothing. */
const ended = async (status: 'SUCCEEDED' | 'FAILED' = 'SUCCEEDED') => {
  const ledger = await table();
  for (const name of earlier.slice(0, 2)) {
    const token = await worked(ledger, name);
    await recordRun(ledger, { ...run({ run: name, execution: name, token }), restores: 'run-1', status: 'RUNNING' });
    await updateRun(ledger, name, { status: name === 'restore-1-run-1' ? 'FAILED' : status });
  }
  const clients = { s3: { send }, dynamodb: ledger.client } as never;
  const pipeline = { environment: 'production', ledger: ledger.name, bucket: 'b' } as never;
  return { ledger, finished: (it: RestorePreview) => finishedRestore(clients, pipeline, earlier, it) };
};

it('finds that the last restore has done just that', async () => {
  const { finished } = await ended();
  expect(await finished(asked(true, 'b', 'a'))).toMatchObject({
    ...{ environment: 'production', status: 'SUCCEEDED', restore: 'restore-2-run-1', restores: 'run-1', swap: true },
    clusters: [{ cluster: 'a', state: 'swapped' }],
  });
});

it.each([
  ['without a swap', asked(false, 'a', 'b')],
  ['of other clusters', asked(true, 'a')],
])('starts one %s', async (_, it) => {
  const { finished } = await ended();
  expect(await finished(it)).toBeNull();
});

it('starts one where the last has failed', async () => {
  const { finished } = await ended('FAILED');
  expect(await finished(asked(true, 'a', 'b'))).toBeNull();
});

it('starts one where something was at work since: it may have changed what was restored', async () => {
  const { ledger, finished } = await ended();
  await worked(ledger, 'run-2');
  expect(await finished(asked(true, 'a', 'b'))).toBeNull();
});
