import { expect, it } from 'vitest';
import { controlOf, type Order, setControl } from '../../lib/ledger/control.ts';
import { recordRun, updateRun, verdicts } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { itemsOf, ledgers } from './harness.ts';

const { table } = ledgers();

const order = (state: Order['state'], more: Partial<Order> = {}): Order => ({
  state,
  by: 'Ada',
  reason: 'the shop is slow',
  at: '2026-11-21T06:00:00.000Z',
  ...more,
});

const withRun = async (run = 'run-1'): Promise<Table> => {
  const ledger = await table();
  const startedAt = '2026-11-21T05:00:00.000Z';
  const named = { run, execution: 'arn', digest: 'd', requestedBy: 'ci' };
  await recordRun(ledger, { ...named, startedAt, status: 'RUNNING' });
  return ledger;
};

it('lets a run go that nobody has said anything of', async () => {
  const ledger = await withRun();
  expect(await controlOf(ledger, 'run-1')).toEqual({ state: 'going', by: null, reason: '', at: null });
});

it('pauses a run, and lets it go again, each on somebody’s word', async () => {
  const ledger = await withRun();
  expect(await setControl(ledger, 'run-1', order('paused'))).toEqual(order('paused'));
  expect(await controlOf(ledger, 'run-1')).toEqual(order('paused'));
  const later = { by: 'Berta', reason: 'fine again', at: '2026-11-21T06:10:00.000Z' };
  await setControl(ledger, 'run-1', order('going', later));
  expect(await controlOf(ledger, 'run-1')).toEqual(order('going', later));
});

it('keeps the first one’s word where it is said again', async () => {
  const ledger = await withRun();
  await setControl(ledger, 'run-1', order('paused'));
  const again = await setControl(ledger, 'run-1', order('paused', { by: 'Berta', at: '2026-11-21T07:00:00.000Z' }));
  expect(again).toEqual(order('paused'));
  expect(await setControl(await withRun(), 'run-1', order('going'))).toMatchObject({ state: 'going', by: null });
});

it('takes nothing back once the run is abandoned', async () => {
  const ledger = await withRun();
  await setControl(ledger, 'run-1', order('paused'));
  await setControl(ledger, 'run-1', order('abandoned', { reason: 'wrong bundle' }));
  for (const state of ['going', 'paused'] as const)
    await expect(setControl(ledger, 'run-1', order(state))).rejects.toMatchObject({
      name: 'RunAbandoned',
      message: 'run-1 was abandoned by Ada at 2026-11-21T06:00:00.000Z, and that is final: wrong bundle',
    });
  expect(await setControl(ledger, 'run-1', order('abandoned', { by: 'Berta' }))).toMatchObject({ by: 'Ada' });
});

it('says nothing to a run that has ended or never was, not even what holds', async () => {
  const ledger = await withRun();
  await updateRun(ledger, 'run-1', { status: 'FAILED' });
  for (const [run, state] of [
    ['run-1', 'paused'],
    ['run-1', 'going'],
    ['run-1', 'abandoned'],
    ['run-2', 'paused'],
  ] as const)
    await expect(setControl(ledger, run, order(state))).rejects.toMatchObject({ name: 'RunNotAtWork' });
  expect((await itemsOf(ledger)).map(({ sk }) => sk)).toEqual(['RUN']);
});

it('comes to one word of many at once, and abandoning is the last', async () => {
  const ledger = await withRun();
  const said = Array.from({ length: 24 }, (_, n) =>
    setControl(
      ledger,
      'run-1',
      order((['paused', 'going', 'abandoned'] as const)[n % 3]!, { by: `person ${n}`, at: `at ${n}` }),
    ),
  );
  const ended = await Promise.allSettled(said);
  const failed = ended.flatMap((it) => (it.status === 'rejected' ? [it.reason.name] : []));
  expect(failed.filter((name) => !['RunAbandoned', 'TransactionCanceledException'].includes(name))).toEqual([]);
  const held = await controlOf(ledger, 'run-1');
  expect(held.state).toBe('abandoned');
  const abandoned = ended.flatMap((it) =>
    it.status === 'fulfilled' && it.value.state === 'abandoned' ? [it.value] : [],
  );
  expect(new Set(abandoned.map(({ by }) => by))).toEqual(new Set([held.by]));
});

it('is no verdict on a database', async () => {
  const ledger = await withRun();
  await setControl(ledger, 'run-1', order('paused'));
  expect(await verdicts(ledger, 'run-1')).toEqual([]);
});
