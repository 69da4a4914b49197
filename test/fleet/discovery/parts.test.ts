import { describe, expect, it } from 'vitest';
import { merged, parts } from '../../../lib/fleet/discovery/parts.ts';
import { sortOut } from '../../../lib/fleet/discovery/unfit.ts';
import { cluster, database } from '../samples.ts';

const names = (count: number) => Array.from({ length: count }, (_, at) => `t${String(at).padStart(4, '0')}`);
const found = (databases: string[]) => ({
  ...{ cluster: 'a', clusterArn: 'arn:a', secretArn: 'a', labels: { tier: 'free' }, problems: [] },
  ...{ databases, databaseLabels: { t0000: { region: 'eu' }, t0450: { region: 'us' } } },
});

describe('a cluster', () => {
  it('of two hundred databases stays whole, in its order', () => {
    const given = found(names(200).reverse());
    expect(parts(given)).toEqual([given]);
  });

  it('of more is cut, each part with the labels of its own databases', () => {
    const cut = parts(found(names(451).reverse()));
    expect(cut.map(({ databases }) => [databases[0], databases.length])).toEqual([
      ['t0000', 200],
      ['t0200', 200],
      ['t0400', 51],
    ]);
    expect(cut.map(({ labels, databaseLabels }) => [labels, databaseLabels])).toEqual([
      [{ tier: 'free' }, { t0000: { region: 'eu' } }],
      [{ tier: 'free' }, {}],
      [{ tier: 'free' }, { t0450: { region: 'us' } }],
    ]);
  });

  it('is whole again after the inspection, in whatever order its parts come', () => {
    const all = names(500).map((name) => database(name));
    const inspected = [all.slice(400), all.slice(0, 200), all.slice(200, 400)].map((it) => cluster('a', ...it));
    const other = cluster('b', database('z'), database('y'));
    expect(merged([inspected[0]!, other, inspected[1]!, inspected[2]!])).toEqual([cluster('a', ...all), other]);
    expect(merged(inspected.toReversed())).toEqual([cluster('a', ...all)]);
  });
});

describe('a cluster that can not be worked on', () => {
  const unfit = { ...cluster('b'), problems: ['is stopped. Start it.', 'has no secret.'] };
  const fit = cluster('a', database('acme'));

  it('makes a plan impossible, which names it', () => {
    expect(sortOut([unfit, fit], 'refuse')).toEqual({
      ...{ fit: [fit], unfit: [] },
      problems: ['b: is stopped. Start it.', 'b: has no secret.'],
    });
  });

  it('is left out and listed where that is wanted', () => {
    expect(sortOut([unfit, fit], 'skip')).toEqual({
      ...{ fit: [fit], problems: [] },
      unfit: [{ cluster: 'b', problems: unfit.problems }],
    });
  });

  it('is not left out if no other is there', () => {
    expect(sortOut([unfit], 'skip').problems).toHaveLength(2);
  });
});
