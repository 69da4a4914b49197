import { array, assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { waves } from '../../lib/fleet/waves.ts';

it('cuts a fleet into waves', () => {
  expect(waves(['a', 'b', 'c', 'd', 'e'], 2)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  expect(waves([], 2)).toEqual([]);
});

it('puts every cluster into exactly one wave, in order, and fills every wave but the last', () => {
  assert(
    property(array(integer()), integer({ min: 1, max: 20 }), (clusters, size) => {
      const cut = waves(clusters, size);
      expect(cut.flat()).toEqual(clusters);
      for (const wave of cut.slice(0, -1)) expect(wave).toHaveLength(size);
      const last = cut.at(-1);
      if (last !== undefined) expect(last.length).toBeGreaterThan(0);
      expect(last?.length ?? 0).toBeLessThanOrEqual(size);
    }),
  );
});
