import { expect, it } from 'vitest';
import { endRun } from '../../lib/ledger/end-run.ts';
import { keepLease } from '../../lib/ledger/keep-lease.ts';
import { acquireLease, LEASE, releaseLease } from '../../lib/ledger/lease.ts';
import { recordRun, runRecord } from '../../lib/ledger/runs.ts';
import { run } from '../fleet/samples.ts';
import { itemsOf, ledgers } from './harness.ts';

const { table } = ledgers();
const now = new Date('2026-01-05T09:00:00.000Z');
const running = async () => true;
const ended = async () => false;
const mustNotAsk = async () => {
  throw new Error('nobody is to be asked');
};

/** A run that holds the lease. */
const atWork = async () => {
  const ledger = await table();
  const { token } = await acquireLease(ledger, run().execution, now, mustNotAsk);
  const mine = run({ token });
  await recordRun(ledger, { ...mine, status: 'RUNNING' });
  const lease = async () => (await itemsOf(ledger)).find(({ pk }) => pk === LEASE.pk);
  return { ledger, mine, lease };
};

it('is content where the run has the lease, and asks nobody', async () => {
  const { ledger, mine } = await atWork();
  await keepLease(ledger, mine, now, mustNotAsk);
});

it('takes it again for a run that was stopped and goes on after all, which is at work then', async () => {
  const { ledger, mine, lease } = await atWork();
  await endRun(ledger, mine, 'ABORTED', now);
  await releaseLease(ledger, mine.execution);
  await keepLease(ledger, mine, now, running);
  expect(await lease()).toMatchObject({ owner: mine.execution, token: mine.token, since: now.toISOString() });
  const record = await runRecord(ledger, 'run-1');
  expect(record).toMatchObject({ status: 'RUNNING' });
  expect([record?.endedAt, record?.untold]).toEqual([undefined, undefined]);
});

it('takes nothing for the last call of a run that was stopped', async () => {
  const { ledger, mine, lease } = await atWork();
  await endRun(ledger, mine, 'ABORTED', now);
  await releaseLease(ledger, mine.execution);
  await expect(keepLease(ledger, mine, now, ended)).rejects.toMatchObject({ name: 'LeaseLost' });
  expect((await lease())?.owner).toBeUndefined();
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'ABORTED' });
});

it.each([
  ['has it', async () => {}],
  ['has had it', (ledger: Parameters<typeof releaseLease>[0]) => releaseLease(ledger, 'another')],
])('leaves it where another run %s since', async (_, after) => {
  const { ledger, mine, lease } = await atWork();
  await releaseLease(ledger, mine.execution);
  await acquireLease(ledger, 'another', now, mustNotAsk);
  await after(ledger);
  const before = await lease();
  await expect(keepLease(ledger, mine, now, running)).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(await lease()).toEqual(before);
});

it('leaves it to another run that comes in the same moment', async () => {
  const { ledger, mine, lease } = await atWork();
  await releaseLease(ledger, mine.execution);
  const faster = async () => {
    await acquireLease(ledger, 'another', now, mustNotAsk);
    return true;
  };
  await expect(keepLease(ledger, mine, now, faster)).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(await lease()).toMatchObject({ owner: 'another' });
});
