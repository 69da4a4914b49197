import { expect, it } from 'vitest';
import { type RestorePoint, recordRestorePoint, restorePoint, restorePoints } from '../../lib/ledger/restore-points.ts';
import { verdicts } from '../../lib/ledger/runs.ts';
import { ledgers } from './harness.ts';

const { table } = ledgers();

const moment = (cluster: string, at: string): RestorePoint => ({
  ...{ kind: 'pointInTime', cluster, resourceId: `cluster-${cluster}`, at },
});

it('keeps the first restore point of a cluster and run, and tells which one that is', async () => {
  const ledger = await table();
  const first = moment('a', '2026-11-21T06:00:00.000Z');
  expect(await recordRestorePoint(ledger, 'run-1', first)).toEqual(first);
  expect(await recordRestorePoint(ledger, 'run-1', moment('a', '2026-11-21T07:00:00.000Z'))).toEqual(first);
  expect(await restorePoint(ledger, 'run-1', 'a')).toEqual(first);
  expect(await restorePoint(ledger, 'run-2', 'a')).toBeUndefined();
});

it('lists what a run has left to go back to, and nothing else of it', async () => {
  const ledger = await table();
  const points: RestorePoint[] = [
    moment('a', '2026-11-21T06:00:00.000Z'),
    { ...moment('b', '2026-11-21T06:00:00.000Z'), kind: 'snapshot', snapshot: 'lockstep-b-1' },
    { ...moment('c', '2026-11-21T06:00:00.000Z'), kind: 'clone', clone: 'lockstep-c-1' },
  ];
  for (const it of points) await recordRestorePoint(ledger, 'run-1', it);
  await recordRestorePoint(ledger, 'run-2', moment('a', '2026-11-21T09:00:00.000Z'));
  expect(await restorePoints(ledger, 'run-1')).toEqual(points);
  expect(await verdicts(ledger, 'run-1')).toEqual([]);
});
