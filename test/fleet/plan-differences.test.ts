import { describe, expect, it } from 'vitest';
import { makePlan, type PlanOptions } from '../../lib/fleet/plan.ts';
import { differences, PlanChanged } from '../../lib/fleet/plan-differences.ts';
import { sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf, cluster, database, inWavesOf } from './samples.ts';

const options: PlanOptions = {
  service: 'shop',
  environment: 'production',
  digest: 'd'.repeat(64),
  rollout: inWavesOf(1),
  policy: sha256('policy'),
  fleet: sha256('fleet'),
  version: '1.0.0',
};
const fleet = () => [cluster('a', database('orders', 1)), cluster('b', database('orders', 1))];
const planned = (of = fleet(), more: Partial<PlanOptions> = {}, bundle = bundleOf('001', '002')) =>
  makePlan(bundle, of, { ...options, ...more }).plan;

describe('what differs between the plan that was approved and the one of now', () => {
  it.each<[string, ReturnType<typeof planned>, string[]]>([
    [
      'another bundle',
      planned(fleet(), { digest: 'e'.repeat(64) }),
      [`the bundle has changed: ${'d'.repeat(20)} was approved, ${'e'.repeat(20)} is there now`],
    ],
    [
      'other settings',
      planned(fleet(), { policy: 'p' }),
      [
        `how it is deployed (approval policy, wave size, concurrency or time-outs) has changed: ${sha256('policy').slice(0, 20)} was approved, p is there now`,
      ],
    ],
    [
      'another fleet as declared',
      planned(fleet(), { fleet: 'f' }),
      [`the declared fleet has changed: ${sha256('fleet').slice(0, 20)} was approved, f is there now`],
    ],
    [
      'another version of Lockstep',
      planned(fleet(), { version: '1.0.1' }),
      ["Lockstep's version has changed: 1.0.0 was approved, 1.0.1 is there now"],
    ],
    ['a database more', planned([...fleet(), cluster('c', database('orders', 2))]), ['c/orders has come to the fleet']],
    [
      'a database that has nothing to do any more',
      planned([fleet()[0]!, cluster('b', database('orders', 2, fleet()[1]!.databases[0]))].slice(0, 1)),
      ['the migrations to be carried out has changed', 'b/orders has left the fleet'],
    ],
    [
      'a history that went on',
      planned([fleet()[0]!, cluster('b', database('orders', 1, { head: 'moved' }))]),
      [`b/orders: its history has changed, from ${sha256('history 1')} to moved`],
    ],
    [
      'a schema that somebody changed by hand',
      planned([fleet()[0]!, cluster('b', database('orders', 1, { fingerprint: 'by hand' }))]),
      ['b/orders: its schema has changed'],
    ],
    [
      'another PostgreSQL',
      planned([fleet()[0]!, cluster('b', database('orders', 1, { server: 180002 }))]),
      ['b/orders: PostgreSQL was 170009 and is 180002'],
    ],
    ['other waves', planned(fleet(), { rollout: inWavesOf(2) }), ['b/orders: it was in wave 2 and is in 1']],
  ])('names %s', (_, now, said) => {
    expect(differences(planned(), now)).toEqual(said);
  });

  it('names what is pending no longer, and in which wave', () => {
    const now = planned([fleet()[0]!, cluster('b', database('orders', 2))]);
    expect(differences(planned(), now)).toEqual(
      expect.arrayContaining([
        'b/orders: 1 migrations were pending, and 0 are now',
        'b/orders: it was in wave 2 and is in none',
      ]),
    );
  });

  it('is never nothing', () => {
    expect(differences(planned(), planned())).toEqual(['the plan in the bucket is not the one that was approved']);
  });
});

describe('the failure', () => {
  it('says that nothing was touched, what to do, and no more than thirty differences', () => {
    const { message } = new PlanChanged({ differences: Array.from({ length: 33 }, (_, at) => `difference ${at}`) });
    const lines = message.split('\n');
    expect(lines[0]).toBe('What would be done now is not what was approved; nothing was touched. Start a new run.');
    expect(lines).toHaveLength(32);
    expect(lines.at(-1)).toBe('… and 3 more');
  });
});
