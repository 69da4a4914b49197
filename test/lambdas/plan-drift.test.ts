import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { recordBase } from '../../lib/ledger/expected.ts';
import { digest, sha256 } from '../../lib/migrations/digest.ts';
import { cluster, database, inWavesOf, migration, run } from '../fleet/samples.ts';
import { attested } from '../policy/promotion/sample.ts';
import { mocks, published, step, uploaded } from './harness.ts';

const rollout = inWavesOf(1);
const { opened, logs } = step('plan', {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', RULES: 'rules', VERSION: '1.0.0', UNFIT: 'refuse' },
  ...{ FLEET_BUCKET: 'assets', FLEET_KEY: 'fleet.json', TOPIC: 'arn:topic', RESTORE_POINT: '{"kind":"pointInTime"}' },
});

const results = 'runs/run-1/inspected/x/manifest.json';
const odd = sha256('odd');
const bundle = { format: 1 as const, migrations: [migration('001'), migration('002')] };
const accepting = {
  ...bundle,
  migrations: [migration('001'), migration('002', { directives: { acceptsDrift: odd } })],
};

const fleet = [
  cluster('a', database('orders', 1, { fingerprint: odd })),
  cluster('b', database('orders', 1)),
  cluster('c', database('orders', 1)),
];

/** The bucket as the map over the fleet leaves it. */
const inspected = (of: typeof bundle, databases: object[] = fleet) => ({
  ...uploaded(of),
  'fleet.json': JSON.stringify([{ cluster: 'a', secret: 'a', databases: ['orders'] }]),
  'runs/run-1/fleet.json': JSON.stringify([{ cluster: 'a' }]),
  'runs/run-1/discovery.json': JSON.stringify({ problems: [] }),
  [results]: JSON.stringify({ ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: 'SUCCEEDED_0.json' }] } }),
  'SUCCEEDED_0.json': JSON.stringify(databases.map((it) => ({ Output: JSON.stringify(it) }))),
});

/** What the last check has found there. */
const checked = {
  'drift/state.json': JSON.stringify({
    check: '_drift/c',
    checkedAt: '2026-01-05T09:00:00.000Z',
    databases: {},
    news: { fresh: 1, gone: 0 },
  }),
  'runs/_drift/c/report.json': JSON.stringify({
    ...{ check: '_drift/c', service: 'shop', environment: 'production', startedAt: 'x', endedAt: 'x', failure: null },
    ...{ atWork: null, databases: 3, alike: 2, problems: [], dataApiCalls: 3 },
    findings: [
      {
        ...{ kind: 'changed', expected: 'x', found: odd, run: 'run-0', like: 'b/orders', count: 1, why: null },
        databases: [{ database: 'a/orders', after: null, seen: 'x' }],
        objects: [{ object: 'index public.i', is: 'not expected', expected: null, found: 'CREATE INDEX i' }],
      },
    ],
  }),
};

const planned = async (
  of: typeof bundle,
  files: Record<string, string> = {},
  more: object = {},
  left: Record<string, string> = {},
) => {
  const it = await opened({ ...inspected(of), ...files });
  for (const name of ['a', 'b', 'c']) {
    const base = {
      fingerprint: left[name] ?? sha256('schema 1'),
      level: sha256('level 1'),
      at: '2026-01-04T09:00:00.000Z',
      run: 'run-0',
    };
    await recordBase(it.ledger, { cluster: name, database: 'orders' }, base);
  }
  const event = {
    run: run({ digest: digest(of) }),
    rollout,
    results,
    approved: null,
    lint: null,
    facts: null,
    ...more,
  };
  return { ...it, plan: () => it.invoke(event) };
};

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

const CHANGED = '1 database (a/orders) was changed, though no migration has run';

describe('drift in the fleet', () => {
  it('is told beside the plan and to people, and changes nothing of the plan', async () => {
    const { plan, json } = await planned(bundle);
    const { planDigest } = await plan();
    expect(json('runs/run-1/plan.json').drift).toEqual([
      { kind: 'changed', count: 1, databases: ['a/orders'], found: odd, how: null, acceptedBy: null },
    ]);
    expect(published()).toMatchObject([{ Message: expect.stringContaining(`Drift in the fleet:\n    ${CHANGED}.`) }]);
    expect(logs()).toContain(CHANGED);
    const later = await planned(bundle, checked);
    expect(await later.plan()).toMatchObject({ planDigest });
  });

  it('is told in the words of the last check, if that has seen it', async () => {
    const { plan, json } = await planned(bundle, checked);
    await plan();
    expect(json('runs/run-1/plan.json').drift).toMatchObject([{ how: 'has index public.i besides' }]);
  });

  it('is not told in the words of a check that has seen something else', async () => {
    const report = JSON.parse(checked['runs/_drift/c/report.json']);
    report.findings[0].found = sha256('odder');
    const { plan, json } = await planned(bundle, { ...checked, 'runs/_drift/c/report.json': JSON.stringify(report) });
    await plan();
    expect(json('runs/run-1/plan.json').drift).toMatchObject([{ how: null }]);
  });

  it('is none where all is as runs have left it, or at another level since', async () => {
    const { plan, json, bucket } = await planned(bundle);
    const usual = [cluster('a', database('orders', 1)), cluster('b', database('orders', 0)), fleet[2]!];
    Object.assign(bucket.files, inspected(bundle, usual));
    await plan();
    expect(json('runs/run-1/plan.json').drift).toEqual([]);
  });
});

describe('two databases that runs have left unlike each other', () => {
  const two = [fleet[0]!, fleet[1]!];
  const plannedApart = (of: typeof bundle) => planned(of, inspected(of, two), {}, { a: odd });

  it('are both told, and none is blamed', async () => {
    const { plan, json } = await plannedApart(bundle);
    await plan();
    expect(json('runs/run-1/plan.json').drift).toMatchObject([
      { kind: 'apart', databases: ['a/orders'], found: odd },
      { kind: 'apart', databases: ['b/orders'], found: sha256('schema 1') },
    ]);
    expect(logs()).toContain(
      '1 database (a/orders) differs from as many others with the same migrations, and nobody can say which are right',
    );
  });

  it('are held against what the environment before has attested of the bundle that was run', async () => {
    const vouched = { 'runs/run-0/plan.json': JSON.stringify({ previous: attested({ fingerprint: odd }) }) };
    const { plan, json } = await planned(bundle, { ...inspected(bundle, two), ...vouched }, {}, { a: odd });
    await plan();
    expect(json('runs/run-1/plan.json').drift).toMatchObject([{ kind: 'different', databases: ['b/orders'] }]);
  });

  it('are no drift any more by a migration that accepts how one of them is', async () => {
    const block = () => void vi.stubEnv('DRIFT', 'block');
    const refused = await plannedApart(bundle);
    block();
    await expect(refused.plan()).rejects.toMatchObject({ name: 'DriftFound' });
    const { plan, json } = await plannedApart(accepting);
    block();
    expect(await plan()).toMatchObject({ pending: 2 });
    expect(json('runs/run-1/plan.json').drift).toMatchObject([
      { databases: ['a/orders'], acceptedBy: '002_step_002.sql' },
      { databases: ['b/orders'], acceptedBy: '002_step_002.sql' },
    ]);
  });
});

describe('where the rules want none', () => {
  beforeEach(() => void vi.stubEnv('DRIFT', 'block'));

  it('no plan is made, and every step to go on is told', async () => {
    const { plan, json } = await planned(bundle, checked);
    await expect(plan()).rejects.toMatchObject({
      name: 'DriftFound',
      message: `Nothing was touched: there is drift in production.\n${CHANGED}: has index public.i besides\nPut it right there, or accept it with a migration: lockstep drift production shows it object by object, and what to do.`,
    });
    expect(json('runs/run-1/plan.json')).toBeNull();
  });

  it('a migration of the bundle may accept it', async () => {
    const { plan, json } = await planned(accepting);
    expect(await plan()).toMatchObject({ pending: 3 });
    expect(json('runs/run-1/plan.json').drift).toMatchObject([{ acceptedBy: '002_step_002.sql' }]);
  });

  it('one that has been applied there already accepts nothing any more', async () => {
    const { plan, bucket } = await planned(accepting);
    const drifted = cluster('a', database('orders', 2, { fingerprint: odd }));
    const others = [
      cluster('b', database('orders', 2)),
      cluster('c', database('orders', 2)),
      cluster('d', database('orders', 1)),
    ];
    Object.assign(bucket.files, inspected(accepting, [drifted, ...others]));
    await expect(plan()).rejects.toMatchObject({ name: 'DriftFound' });
  });

  it('what takes a run back goes on all the same', async () => {
    const down = { file: '001.down.sql', checksum: sha256('down'), mode: 'transactional' as const, statements: [] };
    const reversible = { ...bundle, migrations: bundle.migrations.map((it) => ({ ...it, down })) };
    const back = run({ digest: digest(reversible), direction: 'down', revert: 'run-0' });
    const { plan, bucket, json } = await planned(reversible, {}, { run: back });
    const taken = { taken: [[0, 0] as [number, number]] };
    const drifted = cluster('a', database('orders', 1, { ...taken, fingerprint: odd }));
    const others = ['b', 'c'].map((name) => cluster(name, database('orders', 1, taken)));
    Object.assign(bucket.files, inspected(reversible, [drifted, ...others]));
    expect(await plan()).toMatchObject({ pending: 3 });
    expect(json('runs/run-1/plan.json').drift).toMatchObject([{ databases: ['a/orders'] }]);
  });

  it('a run that has nothing to do goes on, and Converge tells', async () => {
    const { plan, bucket } = await planned(bundle);
    const done = ['a', 'b', 'c'].map((name) =>
      cluster(name, database('orders', 2, name === 'a' ? { fingerprint: odd } : {})),
    );
    Object.assign(bucket.files, inspected(bundle, done));
    expect(await plan()).toMatchObject({ pending: 0 });
  });
});
