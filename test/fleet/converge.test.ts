import { expect, it } from 'vitest';
import { ended } from '../../lib/fleet/converge.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleOf, cluster, database, inWavesOf, verdict } from './samples.ts';

/** Databases with the first `applied` of two migrations. */
const planOf = (applied: Record<string, number>) =>
  makePlan(
    bundleOf('001', '002'),
    Object.entries(applied).map(([name, it]) =>
      cluster(name, database('orders', it, { fingerprint: `${it} applied` })),
    ),
    {
      service: 'orders',
      environment: 'staging',
      digest: 'd'.repeat(64),
      rollout: inWavesOf(1),
      policy: 'p',
      fleet: 'f',
      version: '1.0.0',
    },
  ).plan;

const plan = planOf({ a: 1, b: 1, c: 1 });

const after = (name: string, fingerprint: string | null) => verdict(name, 'orders', { fingerprint });

it('finds one group where all databases ended alike', () => {
  expect(
    ended(
      plan,
      ['a', 'b', 'c'].map((name) => after(name, 'after')),
    ),
  ).toEqual({ groups: [{ fingerprint: 'after', databases: ['a/orders', 'b/orders', 'c/orders'] }], unfinished: [] });
});

it('counts a database in which nothing was pending with the schema that it had', () => {
  expect(ended(planOf({ a: 1, b: 2 }), [after('a', 'after')])).toEqual({
    groups: [
      { fingerprint: 'after', databases: ['a/orders'] },
      { fingerprint: '2 applied', databases: ['b/orders'] },
    ],
    unfinished: [],
  });
});

it('puts the largest group first: the outliers come last', () => {
  const { groups } = ended(plan, [after('a', 'odd'), after('b', 'after'), after('c', 'after')]);
  expect(groups.map(({ fingerprint }) => fingerprint)).toEqual(['after', 'odd']);
});

it('keeps apart what the run did not get through, whatever schema that shows', () => {
  const failed = verdict('a', 'orders', { verdict: 'failed', fingerprint: 'half' });
  const doubtful = verdict('b', 'orders', { verdict: 'in doubt', fingerprint: null });
  expect(ended(plan, [failed, doubtful])).toEqual({
    groups: [],
    unfinished: [
      { database: 'a/orders', verdict: 'failed' },
      { database: 'b/orders', verdict: 'in doubt' },
      { database: 'c/orders', verdict: 'skipped' },
    ],
  });
});

it('takes what was taken back for done, as it does what was applied', () => {
  const back = verdict('a', 'orders', { verdict: 'reverted', fingerprint: 'before' });
  const { groups, unfinished } = ended(plan, [back, after('b', 'before'), after('c', 'before')]);
  expect(groups).toEqual([{ fingerprint: 'before', databases: ['a/orders', 'b/orders', 'c/orders'] }]);
  expect(unfinished).toEqual([]);
});
