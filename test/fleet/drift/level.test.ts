import { expect, it } from 'vitest';
import type { HistoryRow } from '../../../lib/database/inspect.ts';
import { levelOf } from '../../../lib/fleet/drift/level.ts';

const row = (migration: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  ...{ migration, position: 1, checksum: `c${migration}`, state: 'applied', step: 1, prefix: null, ordinal: 1 },
  ...{ milliseconds: 5, ...more },
});

const level = levelOf([row('001'), row('002')]);

it.each([
  ['order', [row('002'), row('001')]],
  ['time', [row('001', { milliseconds: 900 }), row('002', { ordinal: 17 })]],
  ['what was taken back', [row('001'), row('002'), row('003', { state: 'reverted' })]],
  ['what failed and left nothing', [row('001'), row('002'), row('003', { state: 'failed', step: 0 })]],
])('does not depend on %s', (_, history) => {
  expect(levelOf(history)).toBe(level);
});

it.each([
  ['a migration more', [row('001'), row('002'), row('003')]],
  ['a migration less', [row('001')]],
  ['another content', [row('001'), row('002', { checksum: 'x' })]],
  ['one that got half-way', [row('001'), row('002'), row('003', { state: 'failed', step: 2 })]],
  ['one that is at work', [row('001'), row('002'), row('003', { state: 'running', step: 0 })]],
  ['one in doubt', [row('001'), row('002'), row('003', { state: 'in doubt', step: 0 })]],
  ['one that is being taken back', [row('001'), row('002', { state: 'reverting', step: 1 })]],
])('changes with %s', (_, history) => {
  expect(levelOf(history)).not.toBe(level);
});

it('changes with every step of one that got half-way', () => {
  const half = (step: number) => levelOf([row('001', { state: 'failed', step })]);
  expect(half(1)).not.toBe(half(2));
});
