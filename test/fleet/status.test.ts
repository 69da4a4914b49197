import { expect, it } from 'vitest';
import type { HistoryRow } from '../../lib/database/inspect.ts';
import { isSound, type Reading, statusOf, wrongs } from '../../lib/fleet/status.ts';

const files = ['001', '002', '003'].map((id) => ({ id, name: `step_${id}`, checksum: `sum-${id}` }));

const row = (migration: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  ...{ migration, position: Number(migration), checksum: `sum-${migration}`, state: 'applied', step: 1, prefix: null },
  ...{ ordinal: Number(migration), milliseconds: 1, ...more },
});

const reading = (database: string, history: HistoryRow[], fingerprint = 'alike'): Reading => ({
  ...{ cluster: 'one', database, history, fingerprint },
});

const applied = (database: string, ids: string[], fingerprint?: string): Reading =>
  reading(
    database,
    ids.map((id) => row(id)),
    fingerprint,
  );

const of = (...databases: Reading[]) => statusOf([{ environment: 'dev', databases }], files).environments[0]!.databases;

it('says where a database stands and what it lacks', () => {
  const [it] = of(applied('acme', ['001', '002']));
  expect(it).toMatchObject({ version: '002', applied: 2, behind: ['003'], ahead: [], edited: [], problem: null });
  expect(wrongs(it!)).toEqual([]);
});

it('tells an edited file, a failed, a doubtful and a half-done migration', () => {
  const [it] = of(
    reading('acme', [
      row('001', { checksum: 'other' }),
      row('002', { state: 'failed' }),
      row('003', { state: 'in doubt' }),
      row('004', { state: 'reverting' }),
    ]),
  );
  expect(wrongs(it!)).toEqual(['001 edited', '002 failed', '003 in doubt', '004 unfinished']);
});

it('counts what was taken back as missing', () => {
  const [it] = of(reading('acme', [row('001'), row('002', { state: 'reverted' })]));
  expect(it).toMatchObject({ version: '001', behind: ['002', '003'] });
});

it('tells what is applied and in no file', () => {
  const [it] = of(applied('acme', ['001', '002', '003', '900']));
  expect(it).toMatchObject({ version: '900', ahead: ['900'] });
  expect(wrongs(it!)).toEqual(['has 900, which is in no file']);
});

it('finds the schema that differs from that of most with the same migrations', () => {
  const all = ['001', '002', '003'];
  const found = of(applied('a', all), applied('b', all), applied('c', all, 'other'), applied('d', ['001'], 'older'));
  expect(found.map(({ drifted }) => drifted)).toEqual([false, false, true, false]);
});

it('calls no schema the right one where two are equally frequent', () => {
  const found = of(applied('a', ['001']), applied('b', ['001'], 'other'));
  expect(found.map(({ drifted }) => drifted)).toEqual([true, true]);
});

it('does not compare the schemas of migrations that stand half-way', () => {
  const half = reading('b', [row('001', { state: 'running' })], 'half');
  const other = reading('c', [row('001', { state: 'running' })], 'half more');
  expect(of(applied('a', ['001']), half, other).map(({ drifted }) => drifted)).toEqual([false, false, false]);
});

it('keeps a database that cannot be read from hiding the others', () => {
  const found = of({ cluster: 'one', database: 'gone', problem: 'no such database' }, applied('acme', ['001']));
  expect(found[0]).toMatchObject({ problem: 'no such database', version: null, behind: [] });
  expect(found[1]).toMatchObject({ version: '001' });
});

it('finds a hotfix that production has and dev lacks, and no hotfix in a mere lag', () => {
  const status = statusOf(
    [
      { environment: 'dev', databases: [applied('a', ['001', '002', '003'])] },
      { environment: 'production', databases: [applied('a', ['001', '900']), applied('b', ['001'])] },
    ],
    null,
  );
  expect(status.hotfixes).toEqual([{ migration: '900', in: ['production'], missingIn: ['dev'] }]);
  expect(status.migrations.map(({ migration, applied }) => [migration, ...applied])).toEqual([
    ...[['001', 1, 2] as const, ['002', 1, 0] as const, ['003', 1, 0] as const, ['900', 0, 1] as const],
  ]);
  expect(isSound(status)).toBe(false);
});

it('misses nothing in an environment that could not be read', () => {
  const status = statusOf(
    [
      { environment: 'dev', databases: [{ cluster: 'one', database: 'a', problem: 'stopped' }] },
      { environment: 'production', databases: [applied('a', ['001'])] },
    ],
    files,
  );
  expect(status.hotfixes).toEqual([]);
});

it('finds soundness in what is merely behind', () => {
  const status = statusOf([{ environment: 'dev', databases: [applied('a', ['001'])] }], files);
  expect(isSound(status)).toBe(true);
});
