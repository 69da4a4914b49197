import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { recordRestorePoint } from '../../lib/ledger/restore-points.ts';
import { recordVerdict } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { stretches, unsettledReader } from '../../lib/ledger/unsettled.ts';
import { verdict } from '../fleet/samples.ts';
import { ledgers } from './harness.ts';

const { table } = ledgers();

/** A table that notes how many items each query reads. */
const counting = ({ client, name }: Table) => {
  const read: number[] = [];
  const send = async (command: QueryCommand) => {
    const answer = await client.send(command);
    if (command instanceof QueryCommand) read.push(answer.Items?.length ?? 0);
    return answer;
  };
  return { read, table: { client: { send } as never, name } };
};

const names = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ cluster: `c-${String(at).padStart(3, '0')}`, database: 'd' }));

it('tells each word once, and of what is running each time until it has its last one', async () => {
  const ledger = await table();
  const read = unsettledReader(ledger, 'run-1');
  const all = names(3);
  const said = async () => (await read(all)).verdicts.map((it) => `${it.cluster} ${it.verdict}`);
  expect(await said()).toEqual([]);
  await recordVerdict(ledger, 'run-1', verdict('c-000', 'd'));
  await recordVerdict(ledger, 'run-1', verdict('c-001', 'd', { verdict: 'running', note: 'copies' }));
  // Of another run, and of a database that was not asked about.
  await recordVerdict(ledger, 'run-2', verdict('c-002', 'd'));
  await recordVerdict(ledger, 'run-1', verdict('c-001', 'other'));
  expect(await said()).toEqual(['c-000 applied', 'c-001 running']);
  expect(await said()).toEqual(['c-001 running']);
  await recordVerdict(ledger, 'run-1', verdict('c-001', 'd'));
  expect(await said()).toEqual(['c-001 applied']);
  expect(await said()).toEqual([]);
});

it('tells restore points once, of the clusters that were asked about', async () => {
  const ledger = await table();
  const read = unsettledReader(ledger, 'run-1');
  for (const { cluster } of names(3)) {
    const at = '2026-01-05T09:00:00.000Z';
    await recordRestorePoint(ledger, 'run-1', { kind: 'pointInTime', cluster, resourceId: 'r', at });
  }
  const told = async () => (await read(names(2))).restorePoints.map(({ cluster }) => cluster);
  expect(await told()).toEqual(['c-000', 'c-001']);
  expect(await told()).toEqual([]);
});

it('does not read again what is settled', async () => {
  const { table: counted, read } = counting(await table());
  const all = names(150);
  const look = unsettledReader(counted, 'run-1');
  for (const { cluster, database } of all.slice(0, 120))
    await recordVerdict(counted, 'run-1', verdict(cluster, database));
  await look(all);
  expect(read.reduce((sum, it) => sum + it, 0)).toBe(120);
  read.length = 0;
  await recordVerdict(counted, 'run-1', verdict('c-120', 'd'));
  expect((await look(all)).verdicts).toHaveLength(1);
  expect(read.reduce((sum, it) => sum + it, 0)).toBe(1);
});

it('reads stretches of the order of keys, and a few settled ones rather than one stretch more', () => {
  const keys = ['d', 'b', 'c', 'a', 'e', 'f'];
  expect(stretches(keys, new Set())).toEqual([['a', 'f']]);
  expect(stretches(keys, new Set(['a', 'f']))).toEqual([['b', 'e']]);
  expect(stretches(keys, new Set(['c']), 1)).toEqual([['a', 'f']]);
  expect(stretches(keys, new Set(['c', 'd']), 1)).toEqual([
    ['a', 'b'],
    ['e', 'f'],
  ]);
  expect(stretches(keys, new Set(keys))).toEqual([]);
});
