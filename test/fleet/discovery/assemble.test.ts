import { describe, expect, it } from 'vitest';
import { assemble, type Claim } from '../../../lib/fleet/discovery/assemble.ts';

const claim = (cluster: unknown, database: unknown, more: Partial<Claim> & { own?: unknown } = {}): Claim => {
  const { own, ...rest } = more;
  return { from: `row of ${String(database)}`, cluster, databases: [{ name: database, labels: own }], ...rest };
};

describe('what a source says of a fleet', () => {
  it('is brought together by cluster, in the order of names, with labels of clusters and of databases', () => {
    const found = assemble([
      claim('b', 'initech', { secret: 'b' }),
      claim('a', 'globex', { secret: 'a', own: { tier: 'gold', zone: 'Europe/Berlin' } }),
      claim('a', 'acme', { secret: 'a', labels: { region: 'eu' } }),
      { from: 'tags of c', cluster: 'c', databases: 'all' },
    ]);
    expect(found).toEqual({
      problems: [],
      clusters: [
        {
          ...{ cluster: 'a', secret: 'a', labels: { region: 'eu' }, databases: ['globex', 'acme'] },
          databaseLabels: { globex: { tier: 'gold', zone: 'Europe/Berlin' } },
        },
        { cluster: 'b', secret: 'b', labels: {}, databases: ['initech'], databaseLabels: {} },
        { cluster: 'c', secret: null, labels: {}, databases: 'all', databaseLabels: {} },
      ],
    });
  });

  it.each<[string, Claim, string]>([
    [
      'a database that would end a string',
      claim('a', "x'; DROP TABLE t; --"),
      `database: "x'; DROP TABLE t; --" can't`,
    ],
    ['a database that is a path', claim('a', '../x'), 'database: "../x" can\'t be taken: a database name is 1 to 63'],
    ['a database that ends a key', claim('a', 'x#y'), 'database: "x#y"'],
    ['a database without a name', claim('a', undefined), 'database: undefined'],
    ['a database that is a number', claim('a', 7), "database: 7 can't"],
    ['a database in two lines', claim('a', 'x\ny'), 'database: "x\\ny"'],
    ['a database that reads from the right', claim('a', 'x\u202ey'), 'database: "x\\u{202e}y"'],
    ['a cluster in capitals', claim('Orders', 'x'), 'cluster: "Orders" can\'t be taken: a cluster identifier is'],
    ['a cluster that is an ARN', claim('arn:aws:rds:eu:1:cluster:a', 'x'), 'cluster: "arn:aws:rds'],
    ['an endless cluster', claim('a'.repeat(10_000), 'x'), `cluster: "${'a'.repeat(79)}…`],
    ['a secret that would be many', claim('a', 'x', { secret: 'lockstep/*' }), 'secret: "lockstep/*" can\'t'],
    [
      'a label that is no name',
      claim('a', 'x', { own: { 'a b': '1' } }),
      'labels: {"a b":"1"} can\'t be taken: the name of',
    ],
    ['a label that is markup', claim('a', 'x', { own: { tier: '<b>' } }), 'labels: {"tier":"<b>"}'],
    ['an endless label', claim('a', 'x', { own: { tier: 'x'.repeat(64) } }), `labels: {"tier":"${'x'.repeat(64)}"}`],
    ['eleven labels', claim('a', 'x', { own: many(11) }), 'labels: {"l0":'],
    ['labels that are a list', claim('a', 'x', { own: ['gold'] }), 'labels: ["gold"]'],
  ])('is told where it holds %s, which goes no further', (_, given, problem) => {
    const { clusters, problems } = assemble([given]);
    expect(problems).toEqual([expect.stringContaining(`${given.from}, ${problem}`)]);
    expect(JSON.stringify(clusters)).not.toMatch(/DROP|\.\.|Orders|<b>/);
    expect(clusters.flatMap(({ databases }) => databases)).toEqual([]);
  });

  it('is told where it contradicts itself', () => {
    const { problems } = assemble([
      claim('a', 'acme', { secret: 'one' }),
      claim('a', 'globex', { secret: 'two' }),
      claim('a', 'acme', { secret: 'one', from: 'another row' }),
    ]);
    expect(problems).toEqual([
      'row of globex: a has the secret two there, and one elsewhere. Give it one.',
      'another row: the database a/acme stands there, and before in row of acme. Take one out.',
    ]);
  });

  it('may have the same name of a database in every cluster, but no tenant in two', () => {
    const tenant = (name: string) => ({ own: { tenant: name } });
    expect(assemble([claim('a', 'app', tenant('acme')), claim('b', 'app', tenant('globex'))]).problems).toEqual([]);
    expect(assemble([claim('a', 'app', tenant('acme')), claim('a', 'reports', tenant('acme'))]).problems).toEqual([]);
    expect(
      assemble([claim('a', 'app', tenant('acme')), claim('b', 'app', { labels: { tenant: 'acme' } })]).problems,
    ).toEqual(['The tenant acme is in several clusters: a, b. Take it out of all but one.']);
  });

  it('has to name databases', () => {
    expect(assemble([{ from: 'tags of a', cluster: 'a', databases: [] }]).problems).toEqual([
      'tags of a: a has no databases there. Name them, or take it out.',
    ]);
  });
});

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, 'x']));
}
