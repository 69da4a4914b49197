import { expect, it } from 'vitest';
import { recordRun, recordVerdict, runRecord, updateRun, verdicts } from '../../lib/ledger/runs.ts';
import { verdict } from '../fleet/samples.ts';
import { ledgers } from './harness.ts';

const { table } = ledgers();

const failure = {
  migration: '002',
  file: '002_b.sql',
  statement: 1,
  line: 1,
  sqlstate: '42601',
  message: 'syntax error',
};

it('remembers of each database the last that was said', async () => {
  const ledger = await table();
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { verdict: 'failed', failure }));
  await recordVerdict(ledger, 'run-1', verdict('a', 'billing'));
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { applied: ['001'] }));
  expect(await verdicts(ledger, 'run-1')).toEqual([
    verdict('a', 'billing'),
    verdict('a', 'orders', { applied: ['001'] }),
  ]);
});

it('keeps the runs apart, even where one name is the beginning of another', async () => {
  const ledger = await table();
  await recordVerdict(ledger, 'run-1', verdict('a', 'orders'));
  await recordVerdict(ledger, 'run-10', verdict('b', 'orders'));
  expect(await verdicts(ledger, 'run-1')).toEqual([verdict('a', 'orders')]);
  expect(await verdicts(ledger, 'run-2')).toEqual([]);
});

it('reads on where a page ends: 1 MB is not all', async () => {
  const ledger = await table();
  const message = 'x'.repeat(60_000);
  const all = Array.from({ length: 40 }, (_, n) =>
    verdict(`c${String(n).padStart(2, '0')}`, 'orders', { verdict: 'failed', failure: { ...failure, message } }),
  );
  await Promise.all(all.map((it) => recordVerdict(ledger, 'run-1', it)));
  expect(await verdicts(ledger, 'run-1')).toEqual(all);
});

it('remembers a run, and what is learned of it later', async () => {
  const ledger = await table();
  const started = {
    run: 'run-1',
    execution: 'arn:run-1',
    digest: 'd'.repeat(64),
    requestedBy: 'anna',
    startedAt: '2026-01-05T09:00:00.000Z',
    status: 'RUNNING' as const,
  };
  expect(await runRecord(ledger, 'run-1')).toBeUndefined();
  await recordRun(ledger, started);
  await updateRun(ledger, 'run-1', { planDigest: 'p'.repeat(64) });
  await updateRun(ledger, 'run-1', { status: 'FAILED', endedAt: '2026-01-05T09:30:00.000Z' });
  expect(await runRecord(ledger, 'run-1')).toMatchObject({
    ...started,
    planDigest: 'p'.repeat(64),
    status: 'FAILED',
    endedAt: '2026-01-05T09:30:00.000Z',
  });
  expect(await verdicts(ledger, 'run-1')).toEqual([]);
});

it('takes a run put down twice for one, and refuses another of the same name, keeping what the first one did', async () => {
  const ledger = await table();
  const started = {
    run: 'run-1',
    execution: 'arn:run-1',
    digest: 'd'.repeat(64),
    requestedBy: 'anna',
    startedAt: '2026-01-05T09:00:00.000Z',
    status: 'RUNNING' as const,
  };
  await recordRun(ledger, started);
  await recordRun(ledger, started);
  await expect(recordRun(ledger, { ...started, startedAt: '2026-06-05T09:00:00.000Z' })).rejects.toThrow(
    /was a run run-1 before/,
  );
  expect(await runRecord(ledger, 'run-1')).toMatchObject(started);
});
