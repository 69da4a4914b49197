import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, cutWaves, WaveDeclaration } from '../../lib/fleet/waves.ts';

const plainly = { concurrency: 10, failureBudget: 0, bake: 0 };
const candidate = (cluster: string, labels = {}, databases = 1): Candidate => ({
  cluster,
  labels,
  databases: Array.from({ length: databases }, () => ({ labels: {} })),
});
const fleet = (count: number) =>
  Array.from({ length: count }, (_, at) => candidate(`c${String(at + 1).padStart(2, '0')}`));
const cut = (clusters: Candidate[], waves: WaveDeclaration[], biggest: string | null = null) =>
  cutWaves(clusters, waves, biggest).map(({ name, clusters }) => [
    name,
    clusters.map(({ cluster }) => cluster).join(' '),
  ]);

const canary = (clusters: number | string[]): WaveDeclaration => ({ take: 'canary', clusters, ...plainly });
const percent = (percent: number): WaveDeclaration => ({ take: 'percent', percent, ...plainly });
const where = (labels: Record<string, string>): WaveDeclaration => ({ take: 'where', labels, ...plainly });
const rest: WaveDeclaration = { take: 'rest', ...plainly };

describe('a fleet is cut into waves', () => {
  it('of a canary, of as many as make up a share of all, and of the rest', () => {
    expect(cut(fleet(10), [canary(1), percent(30), percent(50), rest])).toEqual([
      ['canary', 'c01'],
      ['30 %', 'c02 c03'],
      ['50 %', 'c04 c05'],
      ['rest', 'c06 c07 c08 c09 c10'],
    ]);
  });

  it('and those that come to nothing are left out', () => {
    expect(cut(fleet(2), [canary(1), percent(10), percent(50), rest])).toEqual([
      ['canary', 'c01'],
      ['rest', 'c02'],
    ]);
    expect(cut([], [canary(1), rest])).toEqual([]);
  });

  it('whatever order it was found in', () => {
    expect(cut(fleet(4).reverse(), [canary(1), rest])).toEqual(cut(fleet(4), [canary(1), rest]));
  });

  it('the biggest cluster never being the canary', () => {
    expect(cut(fleet(3), [canary(1), rest], 'c01')).toEqual([
      ['canary', 'c02'],
      ['rest', 'c03 c01'],
    ]);
  });

  it('unless it is asked for by name', () => {
    expect(cut(fleet(3), [canary(['c01']), rest], 'c01')[0]).toEqual(['canary', 'c01']);
  });

  it('by labels of clusters, or of all databases of one', () => {
    const inside = {
      cluster: 'z',
      labels: {},
      databases: [{ labels: { tier: 'free' } }, { labels: { tier: 'free' } }],
    };
    const mixed: Candidate = { cluster: 'm', labels: {}, databases: [{ labels: { tier: 'free' } }, { labels: {} }] };
    expect(
      cut([candidate('a', { tier: 'free' }), candidate('b'), inside, mixed], [where({ tier: 'free' }), rest]),
    ).toEqual([
      ['tier=free', 'a z'],
      ['rest', 'b m'],
    ]);
  });

  it('each with its own budget, as a number or as a share of its databases', () => {
    const clusters = [candidate('a', {}, 30), candidate('b', {}, 70)];
    const waves: WaveDeclaration[] = [
      { ...canary(1), failureBudget: '5%' },
      { ...rest, failureBudget: 3 },
    ];
    expect(cutWaves(clusters, waves, null).map(({ budget }) => budget)).toEqual([1, 3]);
  });

  it.each([
    ['0.5%', 4_000, 20],
    ['12.5%', 8, 1],
    ['0.57%', 10_000, 57],
    ['0.000001%', 1_000_000, 0],
    ['0.5%', 199, 0],
    ['100%', 7, 7],
  ])('with %s of %i databases as exactly %i that may fail', (failureBudget, databases, budget) => {
    const [only] = cutWaves([candidate('a', {}, databases)], [WaveDeclaration.parse({ ...rest, failureBudget })], null);
    expect(only?.budget).toBe(budget);
  });

  it.each(['5', '101%', '100.5%', '.5%', '05%', '5.%', '-1%', '0.0000001%', '5,5%', '1e1%'])(
    'and %s is no share of them',
    (failureBudget) => {
      expect(WaveDeclaration.safeParse({ ...rest, failureBudget }).success).toBe(false);
    },
  );

  it('so that each cluster has its turn once', () => {
    const clusters = uniqueArray(record({ name: integer({ min: 1, max: 500 }), tier: constantFrom('free', 'paid') }), {
      selector: ({ name }) => name,
    });
    const anyWave = constantFrom(canary(1), canary(7), percent(1), percent(33), percent(100), where({ tier: 'free' }));
    assert(
      property(clusters, array(anyWave), (found, waves) => {
        const all = found.map(({ name, tier }) => candidate(`c${name}`, { tier }));
        const taken = cutWaves(all, [...waves, rest], all[0]?.cluster ?? null).flatMap(({ clusters }) => clusters);
        expect(taken.map(({ cluster }) => cluster).sort()).toEqual(all.map(({ cluster }) => cluster).sort());
      }),
    );
  });
});
