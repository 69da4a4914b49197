import { expect, it } from 'vitest';
import type { HistoryRow } from '../../lib/database/inspect.ts';
import { standing } from '../../lib/fleet/pending.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf } from './samples.ts';

const bundle = bundleOf('001', '002', '003');

const row = (migration: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  migration,
  position: Number(migration),
  checksum: sha256(migration),
  state: 'applied',
  ...more,
});

it.each([
  ['nothing', [], 0],
  ['a beginning', [row('001'), row('002')], 2],
  ['everything', [row('001'), row('002'), row('003')], 3],
  ['rows in another order', [row('002'), row('001')], 2],
])('counts what a database with %s has', (_, history, applied) => {
  expect(standing(bundle, history)).toEqual({ applied, problems: [] });
});

it.each(['failed', 'running'] as const)('counts a migration that is %s as pending', (state) => {
  expect(standing(bundle, [row('001'), row('002', { state })])).toEqual({ applied: 1, problems: [] });
});

it('lets a failed migration be mended: its checksum binds nobody', () => {
  const history = [row('001'), row('002', { state: 'failed', checksum: sha256('before it was mended') })];
  expect(standing(bundle, history)).toEqual({ applied: 1, problems: [] });
});

it('names a file that was edited after it was applied', () => {
  const { problems } = standing(bundle, [row('001', { checksum: sha256('other') }), row('002')]);
  expect(problems).toEqual([
    '001_step_001.sql was edited after it was applied. Restore it and add a new migration instead.',
  ]);
});

it('names every gap, and what was applied beyond it', () => {
  const { problems } = standing(bundle, [row('003')]);
  expect(problems).toEqual([
    '001_step_001.sql is not applied, but 003_step_003.sql, which comes after it, is. Give it a number above that.',
    '002_step_002.sql is not applied, but 003_step_003.sql, which comes after it, is. Give it a number above that.',
  ]);
});

it('takes a failed migration before an applied one for a gap', () => {
  const { problems } = standing(bundle, [row('001', { state: 'failed' }), row('002')]);
  expect(problems).toEqual([expect.stringContaining('001_step_001.sql is not applied, but 002_step_002.sql')]);
});

it('names what is applied but missing from the bundle', () => {
  const { applied, problems } = standing(bundle, [row('001'), row('000'), row('004')]);
  expect(applied).toBe(1);
  expect(problems).toEqual([
    '000 is applied in the database but missing from the bundle. Put its file back, or run a newer bundle.',
    '004 is applied in the database but missing from the bundle. Put its file back, or run a newer bundle.',
  ]);
});

it('lets go of a failed migration whose file is gone', () => {
  expect(standing(bundle, [row('001'), row('999', { state: 'failed' })]).problems).toEqual([]);
});

it('finds all problems of a database at once', () => {
  const history = [row('001', { checksum: sha256('other') }), row('003'), row('004')];
  expect(standing(bundle, history).problems).toHaveLength(3);
});
