import { describe, expect, it } from 'vitest';
import type { InspectedCluster } from '../../lib/fleet/inspected.ts';
import { makePlan, PlanRefused } from '../../lib/fleet/plan.ts';
import { bundleOf, cluster, database, inWavesOf, migration, statement } from './samples.ts';

const bundle = bundleOf('001', '002', '003');
const options = {
  service: 'orders',
  environment: 'production',
  digest: 'd'.repeat(64),
  rollout: inWavesOf(1),
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
};

const fleet = [
  cluster('a', database('orders', 1)),
  cluster('b', database('orders', 3)),
  cluster('c', database('orders', 3), database('billing', 2)),
];

it('tells of every database what it has, what it lacks, and in which wave it gets it', () => {
  const { plan } = makePlan(bundle, fleet, options);
  expect(plan.databases.map((it) => [it.cluster, it.database, it.applied, it.pending, it.wave])).toEqual([
    ['a', 'orders', 1, ['002', '003'], 1],
    ['b', 'orders', 3, [], null],
    ['c', 'orders', 3, [], null],
    ['c', 'billing', 2, ['003'], 2],
  ]);
});

it('puts into the waves only databases that lack something, with what apply and verify have to know', () => {
  const scarred = cluster('a', database('orders', 1, { blemishes: ['public.old_idx'], installed: true }));
  const { waves } = makePlan(bundle, [scarred, ...fleet.slice(1)], options);
  const { clusterArn, secretArn } = scarred;
  expect(waves).toEqual([
    [
      {
        cluster: 'a',
        clusterArn,
        secretArn,
        databases: [{ database: 'orders', applied: 1, late: [], installed: true, blemishes: ['public.old_idx'] }],
      },
    ],
    [expect.objectContaining({ cluster: 'c', databases: [expect.objectContaining({ database: 'billing' })] })],
  ]);
});

it('lists the migrations that any database lacks, with risk and number of databases', () => {
  const { plan } = makePlan(bundle, fleet, options);
  expect(plan.migrations).toEqual([
    {
      id: '002',
      file: '002_step_002.sql',
      mode: 'transactional',
      risk: 'low',
      reason: 'adds without touching what is there',
      databases: 1,
    },
    expect.objectContaining({ id: '003', databases: 2 }),
  ]);
});

it('judges the risk of what is pending', () => {
  const up = [statement('DROP TABLE t', { kind: 'DropStmt', line: 4 })];
  const { plan } = makePlan(
    { format: 1, migrations: [migration('001', { up })] },
    [cluster('a', database('o'))],
    options,
  );
  expect(plan.migrations[0]).toMatchObject({
    risk: 'high',
    reason: 'line 4 drops a table, schema or type with what it holds',
  });
});

it('has neither migrations nor waves when nothing is pending', () => {
  const { plan, waves } = makePlan(bundle, [cluster('a', database('orders', 3))], options);
  expect([plan.migrations, waves]).toEqual([[], []]);
  expect(plan.databases).toMatchObject([{ wave: null, pending: [] }]);
});

it('is the same plan, digest included, whichever order the clusters answer in', () => {
  const inOrder = makePlan(bundle, fleet, options);
  expect(inOrder.planDigest).toMatch(/^[0-9a-f]{64}$/);
  for (const order of [
    [2, 1, 0],
    [1, 0, 2],
    [2, 0, 1],
  ]) {
    expect(
      makePlan(
        bundle,
        order.map((index) => fleet[index]!),
        options,
      ),
    ).toEqual(inOrder);
  }
});

it.each<[string, () => { planDigest: string }]>([
  ['the bundle digest', () => makePlan(bundle, fleet, { ...options, digest: 'e'.repeat(64) })],
  ['the environment', () => makePlan(bundle, fleet, { ...options, environment: 'staging' })],
  ['the service', () => makePlan(bundle, fleet, { ...options, service: 'billing' })],
  ['another database', () => makePlan(bundle, [...fleet, cluster('d', database('orders', 3))], options)],
  ['a database less', () => makePlan(bundle, fleet.slice(0, 2), options)],
  ['a head that moved', () => makePlan(bundle, [cluster('a', database('orders', 2)), ...fleet.slice(1)], options)],
  ['a head that went back', () => makePlan(bundle, [cluster('a', database('orders', 0)), ...fleet.slice(1)], options)],
  ['a schema that changed', () => makePlan(bundle, [drifted(), ...fleet.slice(1)], options)],
  ['larger waves', () => makePlan(bundle, fleet, { ...options, rollout: inWavesOf(2) })],
  ['a migration more', () => makePlan(bundleOf('001', '002', '003', '004'), fleet, options)],
])('is another plan with %s', (_, changed) => {
  expect(changed().planDigest).not.toBe(makePlan(bundle, fleet, options).planDigest);
});

it('refuses with the problems of all databases together', () => {
  const broken: InspectedCluster[] = [
    cluster('b', database('orders', 1), database('billing', 0, { problems: ['is edited', 'has a gap'] })),
    cluster('a', database('orders', 0, { problems: ["can't be reached"] })),
  ];
  expect(refusal(broken).message).toBe(
    "The plan can't be made; nothing was touched.\na/orders: can't be reached\nb/billing: is edited\nb/billing: has a gap",
  );
});

it('does not drown the execution in the problems of a large fleet', () => {
  const fleet = Array.from({ length: 3_000 }, (_, n) =>
    cluster(`c${n}`, database('orders', 0, { problems: ['was edited after it was applied. '.repeat(5)] })),
  );
  const { message, details } = refusal(fleet);
  expect(message.length).toBeLessThan(20_000);
  expect(message.split('\n').at(-1)).toBe('… and 2950 more');
  expect(details.problems).toHaveLength(3_000);
});

it('counts a migration that came late to some databases where it is pending', () => {
  const mixed = [cluster('a', database('orders', 3, { late: ['001'] })), cluster('b', database('orders', 3))];
  const { plan, waves } = makePlan(bundle, mixed, options);
  expect(plan.migrations).toMatchObject([{ id: '001', databases: 1 }]);
  expect(plan.databases).toMatchObject([
    { applied: 2, pending: ['001'], wave: 1 },
    { applied: 3, pending: [], wave: null },
  ]);
  expect(waves).toMatchObject([[{ cluster: 'a', databases: [{ applied: 3, late: ['001'] }] }]]);
});

it('fills names into the remedy of a problem', () => {
  const doubtful = database('orders', 1, { problems: ['002 is in doubt: lockstep resolve ENVIRONMENT DATABASE 002'] });
  expect(refusal([cluster('a', doubtful)]).message).toContain(
    'a/orders: 002 is in doubt: lockstep resolve production a/orders 002',
  );
});

it('refuses a cluster of which more has to be known than a step may be given', () => {
  const blemishes = Array.from({ length: 3 }, (_, n) => `public.an_index_that_was_not_built_to_its_end_${n}`);
  const many = Array.from({ length: 120 }, () => blemishes).flat();
  const databases = Array.from({ length: 250 }, (_, n) => database(`tenant_${n}`, 1, { blemishes: many }));
  expect(refusal([cluster('a', ...databases)]).message).toMatch(/\na: .* 50 databases takes \d+ KiB/);
});

it('cuts a cluster of many databases into items that a step can be given', () => {
  const databases = Array.from({ length: 120 }, (_, n) => database(`tenant_${n}`));
  const { waves, plan } = makePlan(bundle, [cluster('a', ...databases)], options);
  expect(waves.map((wave) => wave.map(({ databases }) => databases.length))).toEqual([[50, 50, 20]]);
  expect(plan.rollout.waves).toMatchObject([{ clusters: 1, databases: 120 }]);
});

it('has the cluster with the most data go last, and keeps to that once it is approved', () => {
  const sized = (name: string, bytes: number) => cluster(name, database('orders', 0, { bytes }));
  const wavesOf = (sizes: number[], biggest: string | null = null) =>
    makePlan(bundle, [sized('a', sizes[0]!), sized('b', sizes[1]!)], { ...options, biggest })
      .waves.flat()
      .map(({ cluster }) => cluster);
  expect(wavesOf([1, 2])).toEqual(['a', 'b']);
  expect(wavesOf([2, 1])).toEqual(['b', 'a']);
  expect(wavesOf([0, 0])).toEqual(['a', 'b']);
  expect(wavesOf([1, 2], 'a')).toEqual(['b', 'a']);
});

describe('a plan to take a run back', () => {
  const revert = { ...options, revert: 'run-1' };

  it('is stopped by no alarm and no health check: it is what one does about them', () => {
    const guarded = inWavesOf(1, { alarms: ['errors'], healthCheck: true, onHalt: 'revert' });
    const { plan } = makePlan(reversible, [taken('a', 1)], { ...revert, rollout: guarded });
    expect(plan.rollout).toMatchObject({ alarms: [], healthCheck: false, onHalt: 'stop' });
  });

  it('lists down files, newest first, with their own risk', () => {
    const { plan } = makePlan(reversible, [taken('a', 1), taken('b', 2), taken('c')], revert);
    expect(plan).toMatchObject({ direction: 'down', revert: 'run-1' });
    expect(plan.migrations).toEqual([
      expect.objectContaining({ id: '003', file: '003.down.sql', risk: 'high', databases: 2 }),
      expect.objectContaining({ id: '002', file: '002.down.sql', mode: 'stepwise', databases: 1 }),
    ]);
    expect(plan.databases.map(({ pending, wave }) => [pending, wave])).toEqual([
      [['003', '002'], 1],
      [['003'], 2],
      [[], null],
    ]);
  });

  it('is refused, naming each file without a down once', () => {
    const oneWay = { ...reversible, migrations: reversible.migrations.map((it) => ({ ...it, down: null })) };
    expect(refusal([taken('a', 1), taken('b', 2)], oneWay, revert).message).toBe(
      `The plan can't be made; nothing was touched.
002_step_002.sql has no down file, so run run-1 can't be reverted.
003_step_003.sql has no down file, so run run-1 can't be reverted.`,
    );
  });

  it('is another plan, digest included, than to go up, and than to take another run back', () => {
    const idle = [taken('a')];
    const digests = [options, revert, { ...options, revert: 'run-2' }].map(
      (it) => makePlan(reversible, idle, it).planDigest,
    );
    expect(new Set(digests).size).toBe(3);
  });

  it('has nothing to do where nothing of the run stands', () => {
    const { plan, waves } = makePlan(reversible, [taken('a')], revert);
    expect([plan.migrations, waves]).toEqual([[], []]);
  });
});

const downOf = (id: string, mode: 'transactional' | 'stepwise') => ({
  ...{ file: `${id}.down.sql`, checksum: 'x', mode },
  statements: [statement('DROP TABLE t', { kind: 'DropStmt' })],
});

const reversible = {
  format: 1 as const,
  migrations: [
    migration('001'),
    migration('002', { down: downOf('002', 'stepwise') }),
    migration('003', { down: downOf('003', 'transactional') }),
  ],
};

/** A database that has everything, of which a run applied what comes from a place in the bundle on. */
const taken = (name: string, from?: number) =>
  cluster(name, database('orders', 3, { taken: from === undefined ? [] : [[from, 2]] }));

const drifted = () => cluster('a', database('orders', 1, { fingerprint: 'f'.repeat(64) }));

const refusal = (fleet: InspectedCluster[], of = bundle, more: Parameters<typeof makePlan>[2] = options) => {
  try {
    makePlan(of, fleet, more);
  } catch (error) {
    if (error instanceof PlanRefused) return error;
  }
  throw new Error('the plan was not refused');
};
