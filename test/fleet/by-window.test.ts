import { describe, expect, test } from 'vitest';
import { byWindow } from '../../lib/fleet/by-window.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import type { Rollout } from '../../lib/fleet/rollout.ts';
import type { Windows } from '../../lib/policy/windows/windows.ts';
import { bundleOf, cluster, database } from './samples.ts';

const hours = { timeZone: 'UTC', weekly: [], closedDays: [], freezes: [] };
const windows: Windows = {
  ...{ ...hours, outside: 'park', calendars: [] },
  tenants: [
    { where: { region: 'asia' }, ...hours },
    { where: { region: 'america' }, ...hours },
  ],
};
const inRegion = (name: string, region: string) => database(name, 0, { labels: { region } });
const fleet = [
  cluster('a', inRegion('oslo', 'europe'), inRegion('tokyo', 'asia')),
  { ...cluster('b', database('lima'), inRegion('seoul', 'asia')), labels: { region: 'america' } },
  cluster('c', inRegion('bonn', 'europe'), inRegion('paris', 'europe')),
];

describe('a wave with windows by label', () => {
  test('is parted into those of the environment and of each label, database by database', () => {
    const parts = byWindow(windows)(fleet);
    expect(
      parts.map(({ called, window, clusters }) => [
        ...[called, window],
        ...clusters.map((it) => `${it.cluster}: ${it.databases.map(({ database }) => database).join(' ')}`),
      ]),
    ).toEqual([
      [null, null, 'a: oslo', 'c: bonn paris'],
      ['region=asia', 0, 'a: tokyo', 'b: seoul'],
      // What a database does not say, its cluster says for it.
      ['region=america', 1, 'b: lima'],
    ]);
  });

  test('keeps the declared order: no part of the next wave comes before all of this one', () => {
    const settings = { concurrency: 10, failureBudget: '50%', bake: 0 };
    const rollout: Rollout = {
      waves: [
        { take: 'canary', clusters: 1, ...settings },
        { take: 'rest', ...settings },
      ],
      ...{ onHalt: 'stop', alarms: [], healthCheck: false, windows },
    };
    const named = { service: 'shop', environment: 'production', digest: 'd', policy: 'p', fleet: 'f', version: '1' };
    const { plan, waves } = makePlan(bundleOf('001'), fleet, { ...named, rollout });
    expect(
      plan.rollout.waves.map(({ wave, name, window, databases, budget }) => [wave, name, window, databases, budget]),
    ).toEqual([
      [1, 'canary', undefined, 1, 0],
      [2, 'canary, region=asia', 0, 1, 0],
      [3, 'rest', undefined, 2, 1],
      [4, 'rest, region=asia', 0, 1, 0],
      [5, 'rest, region=america', 1, 1, 0],
    ]);
    expect(Object.fromEntries(plan.databases.map(({ database, wave }) => [database, wave]))).toEqual({
      ...{ oslo: 1, tokyo: 2, bonn: 3, paris: 3, seoul: 4, lima: 5 },
    });
    expect(
      waves.map((wave) => wave.flatMap((it) => it.databases.map(({ database }) => `${it.cluster}/${database}`))),
    ).toEqual([['a/oslo'], ['a/tokyo'], ['c/bonn', 'c/paris'], ['b/seoul'], ['b/lima']]);
  });
});
