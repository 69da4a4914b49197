import { expect, it } from 'vitest';
import { byFingerprint, FingerprintsDiffer } from '../../lib/fleet/converge.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleOf, cluster, database, inWavesOf, verdict } from './samples.ts';

const fleet = ['a', 'b', 'c'].map((name) => cluster(name, database('orders', 1, { fingerprint: 'before' })));
const { plan } = makePlan(bundleOf('001', '002'), fleet, {
  service: 'orders',
  environment: 'staging',
  digest: 'd'.repeat(64),
  rollout: inWavesOf(1),
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
});

const after = (name: string, fingerprint: string | null) => verdict(name, 'orders', { fingerprint });

it('finds one group where all databases ended alike', () => {
  expect(
    byFingerprint(
      plan,
      ['a', 'b', 'c'].map((name) => after(name, 'after')),
    ),
  ).toEqual([{ fingerprint: 'after', databases: ['a/orders', 'b/orders', 'c/orders'] }]);
});

it('counts a database that the run did not touch with the schema that it had', () => {
  expect(byFingerprint(plan, [after('a', 'after'), after('b', 'after')])).toEqual([
    { fingerprint: 'after', databases: ['a/orders', 'b/orders'] },
    { fingerprint: 'before', databases: ['c/orders'] },
  ]);
});

it('puts the largest group first: the outliers come last', () => {
  const groups = byFingerprint(plan, [after('a', 'odd'), after('b', 'after'), after('c', 'after')]);
  expect(groups.map(({ fingerprint }) => fingerprint)).toEqual(['after', 'odd']);
});

it('names the databases of each schema, and stays short for a fleet without end', () => {
  const { message } = new FingerprintsDiffer({
    groups: [
      { fingerprint: 'abcdefabcdefabcdef', databases: ['a/o', 'b/o', 'c/o', 'd/o', 'e/o', 'f/o', 'g/o'] },
      { fingerprint: '1'.repeat(64), databases: ['h/o'] },
    ],
  });
  expect(message).toBe(
    'The fleet has 2 different schemas: abcdefabcdef in a/o, b/o, c/o, d/o, e/o and 2 more; 111111111111 in h/o.',
  );
  const groups = Array.from({ length: 5_000 }, (_, n) => ({ fingerprint: String(n), databases: ['x'.repeat(127)] }));
  expect(new FingerprintsDiffer({ groups }).message.length).toBeLessThan(20_000);
});
