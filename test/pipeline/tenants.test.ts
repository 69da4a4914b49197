import { expect, test } from 'vitest';
import { fleetProblems } from '../../lib/pipeline/fleet-problems.ts';

const labels = { tenant: 'acme' };
const cluster = (name: string, own: Record<string, string> = {}, ofDatabase: Record<string, string> = {}) => ({
  ...{ cluster: name, secret: 's', labels: own },
  databases: ['plain', { name: 'app', labels: ofDatabase }, { name: 'reports', labels: ofDatabase }],
});

test.each([
  ['of clusters', [cluster('b', labels), cluster('a', labels)]],
  ['of a cluster and of a database', [cluster('b', labels), cluster('a', {}, labels)]],
  ['of databases', [cluster('b', {}, labels), cluster('a', {}, labels)]],
])('a list is refused with a tenant in two clusters: labels %s', (_, fleet) => {
  expect(fleetProblems(fleet)).toEqual([
    'fleet: The tenant acme is in several clusters: a, b. Take it out of all but one.',
  ]);
});

test('a tenant may have several databases in its cluster, and other labels may be alike', () => {
  expect(fleetProblems([cluster('a', labels, labels), cluster('b', { tier: 'acme' }, { tenant: 'b' })])).toEqual([]);
});
