import { expect, it } from 'vitest';
import { endRun, endTold } from '../../lib/ledger/end-run.ts';
import { type RunRecord, recordRun, runRecord, updateRun } from '../../lib/ledger/runs.ts';
import { run } from '../fleet/samples.ts';
import { ledgers } from './harness.ts';

const { table } = ledgers();
const at = new Date('2026-01-05T10:00:00.000Z');
const later = new Date('2026-01-05T11:00:00.000Z');

const recorded = async (more: Partial<RunRecord> = {}) => {
  const ledger = await table();
  await recordRun(ledger, { ...run(), status: 'RUNNING', ...more });
  const end = (when = at, of = run()) => endRun(ledger, of, 'ABORTED', when);
  return { ledger, end, told: (when = at) => endTold(ledger, run(), when) };
};

it('puts down how a run ended, and has it told until it was', async () => {
  const { ledger, end, told } = await recorded();
  expect([await end(), await end()]).toEqual([true, true]);
  expect(await runRecord(ledger, 'run-1')).toMatchObject({
    status: 'ABORTED',
    endedAt: at.toISOString(),
    untold: true,
  });
  await told();
  expect(await end()).toBe(false);
  expect((await runRecord(ledger, 'run-1'))?.untold).toBeUndefined();
});

it('leaves alone what the run has said of its end', async () => {
  for (const status of ['FAILED', 'SUCCEEDED'] as const) {
    const { ledger, end } = await recorded();
    await updateRun(ledger, 'run-1', { status, endedAt: at.toISOString() });
    expect([await end(), await end(later)]).toEqual([false, false]);
    expect(await runRecord(ledger, 'run-1')).toMatchObject({ status, endedAt: at.toISOString() });
  }
});

it('leaves alone an execution of the same name elsewhere, and a run that is not there', async () => {
  const { ledger, end } = await recorded();
  expect(await end(at, run({ execution: 'arn:another' }))).toBe(false);
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'RUNNING' });
  expect(await endRun(ledger, run({ run: 'run-2' }), 'ABORTED', at)).toBe(false);
  expect(await runRecord(ledger, 'run-2')).toBeUndefined();
});

it('ends a second time where it was stopped, redriven and stopped again', async () => {
  const { ledger, end, told } = await recorded();
  await end();
  await told();
  expect(await end(later)).toBe(true);
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'ABORTED', endedAt: later.toISOString() });
  // A late word on the first end.
  await told();
  expect((await runRecord(ledger, 'run-1'))?.untold).toBe(true);
});
