import { DescribeAccountAttributesCommand, DescribeDBClusterSnapshotsCommand } from '@aws-sdk/client-rds';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { recordRun, runRecord } from '../../lib/ledger/runs.ts';
import { sign } from '../../lib/ledger/signed.ts';
import { canonical, digest, sha256 } from '../../lib/migrations/digest.ts';
import { attestationKey } from '../../lib/policy/promotion/statements.ts';
import { bundleOf, cluster, database, inWavesOf, run } from '../fleet/samples.ts';
import { attested, path, place } from '../policy/promotion/sample.ts';
import { awsError, mocks, published, step, uploaded } from './harness.ts';

const rollout = inWavesOf(1);
const plainly = { name: 'canary', concurrency: 10, budget: 0, bake: 0 };
const variables = {
  ...{ SERVICE: 'shop', ENVIRONMENT: 'production', RULES: 'rules', VERSION: '1.0.0' },
  ...{ FLEET_BUCKET: 'assets', FLEET_KEY: 'fleet.json', TOPIC: 'arn:topic', UNFIT: 'refuse' },
  RESTORE_POINT: '{"kind":"pointInTime"}',
};
const { opened, logs } = step('plan', variables);

const bundle = bundleOf('001', '002');
const admitted = run({ digest: digest(bundle) });
const results = 'runs/run-1/inspected/x/manifest.json';

/** The bucket as the map over the fleet leaves it. */
const inspected = (...fleet: object[]) => ({
  ...uploaded(bundle),
  'fleet.json': JSON.stringify([{ cluster: 'a', secret: 'a', databases: ['orders'] }]),
  'runs/run-1/fleet.json': JSON.stringify([{ cluster: 'a' }]),
  'runs/run-1/discovery.json': JSON.stringify({ problems: [] }),
  [results]: JSON.stringify({ ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: 'SUCCEEDED_0.json' }] } }),
  'SUCCEEDED_0.json': JSON.stringify(fleet.map((it) => ({ Output: JSON.stringify(it) }))),
});

const fleet = [
  cluster('b', database('orders', 1), database('billing', 2)),
  cluster('a', database('orders', 0)),
  cluster('c', database('orders', 2)),
];

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

it('plans the run, and writes the plan and a manifest for each wave', async () => {
  const { invoke, json, ledger } = await opened(inspected(...fleet));
  await recordRun(ledger, { ...admitted, status: 'RUNNING' });
  const answer = await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null });
  expect(answer).toEqual({
    planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    pending: 2,
    migrations: 2,
    pace: null,
    rollout: {
      ...{ onHalt: 'stop', alarms: [], healthCheck: false, canRevert: false },
      waves: [
        { wave: 1, clusters: 1, databases: 1, ...plainly, key: 'runs/run-1/waves/1.json', version: expect.any(String) },
        { wave: 2, clusters: 1, databases: 1, ...plainly, key: 'runs/run-1/waves/2.json', version: expect.any(String) },
      ],
    },
  });
  expect(json('runs/run-1/plan.json')).toMatchObject({
    ...{ service: 'shop', environment: 'production', digest: digest(bundle), planDigest: answer.planDigest },
    dataApiCalls: { 'a/orders': 1, 'b/orders': 1, 'b/billing': 1, 'c/orders': 1 },
  });
  expect(json('runs/run-1/waves/1.json')).toMatchObject([
    { cluster: 'a', databases: [{ database: 'orders', applied: 0 }] },
  ]);
  expect(json('runs/run-1/waves/2.json')).toMatchObject([
    { cluster: 'b', databases: [{ database: 'orders', applied: 1 }] },
  ]);
  expect(await runRecord(ledger, 'run-1')).toMatchObject({ status: 'RUNNING', planDigest: answer.planDigest });
});

it('makes the same plan when the step is tried again', async () => {
  const { invoke } = await opened(inspected(...fleet));
  const [once, again] = [
    await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null }),
    await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null }),
  ];
  expect(again).toMatchObject({ planDigest: once.planDigest, pending: once.pending });
});

it('names the version of each manifest that it wrote, whatever is written there afterwards', async () => {
  const { invoke } = await opened(inspected(...fleet));
  mocks.s3.on(PutObjectCommand).callsFake(async ({ Key }) => ({ VersionId: `version of ${Key}` }));
  expect(
    (await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null })).rollout.waves,
  ).toMatchObject([
    { wave: 1, version: 'version of runs/run-1/waves/1.json' },
    { wave: 2, version: 'version of runs/run-1/waves/2.json' },
  ]);
});

it('tells whoever has subscribed that it starts, where nobody has to be asked', async () => {
  const { invoke } = await opened(inspected(...fleet));
  await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null });
  expect(published()).toEqual([
    {
      TopicArn: 'arn:topic',
      Subject: 'Started: shop production, bring 2 migrations to 2 databases',
      Message: expect.stringContaining('anna has begun to bring 2 migrations'),
    },
  ]);
});

it('plans whether or not the start can be told', async () => {
  const { invoke } = await opened(inspected(...fleet));
  mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
  expect(await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null })).toMatchObject({
    pending: 2,
  });
  expect(logs()).toContain('the start could not be told');
});

it('keeps with the plan how the bundle fared in the environment before, by what was found when it came', async () => {
  const { invoke, json, bucket, kms } = await opened({
    ...inspected(...fleet),
    'runs/run-1/promotion.json': JSON.stringify({ attestations: [attested()] }),
    'paths.json': JSON.stringify({ paths: [path({ name: 'hotfix' })] }),
  });
  const places = JSON.stringify({ staging: place(), production: place({ bucket: 'production' }) });
  const promotion = { PROMOTION_BUCKET: 'assets', PROMOTION_KEY: 'paths.json', PLACES: places };
  for (const [name, value] of Object.entries(promotion)) vi.stubEnv(name, value);
  const said = await sign(kms, 'key-1', attested({ digest: admitted.digest }));
  bucket.put({ Bucket: 'staging', Key: attestationKey(admitted.digest), Body: JSON.stringify(said) });
  const asked = { rollout, results, approved: null, lint: null, facts: null };
  const without = await invoke({ ...asked, run: admitted });
  expect(json('runs/run-1/plan.json')).toMatchObject({ previous: null });
  const came = { ...admitted, path: { name: 'hotfix', approvals: 2, by: null } };
  // The path is a part of what is approved; how it went before informs.
  expect((await invoke({ ...asked, run: came })).planDigest).not.toBe(without.planDigest);
  expect(json('runs/run-1/plan.json')).toMatchObject({
    path: 'hotfix',
    previous: {
      ...{ environment: 'staging', run: 'staging-1', milliseconds: 1500 },
      migrations: [{ id: '2', milliseconds: 1200 }],
    },
  });
});

it('has no waves when nothing is pending', async () => {
  const { invoke } = await opened(inspected(cluster('a', database('orders', 2))));
  expect(await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null })).toMatchObject({
    pending: 0,
    migrations: 0,
    rollout: { waves: [] },
  });
});

it('writes nothing when something speaks against the plan', async () => {
  const { invoke, bucket, ledger } = await opened(
    inspected(
      cluster('a', database('orders', 0, { problems: ['001.sql was edited'] })),
      cluster('b', database('orders', 0)),
    ),
  );
  await expect(
    invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null }),
  ).rejects.toMatchObject({
    name: 'PlanRefused',
    message: "The plan can't be made; nothing was touched.\na/orders: 001.sql was edited",
  });
  expect(Object.keys(bucket.files)).not.toContain('runs/run-1/plan.json');
  expect(await runRecord(ledger, 'run-1')).toBeUndefined();
  expect(JSON.parse(logs())).toMatchObject({
    task: 'Plan',
    run: 'run-1',
    execution: admitted.execution,
    error: 'PlanRefused',
  });
});

describe('where each cluster is given a snapshot', () => {
  const { opened } = step('plan', { ...variables, RESTORE_POINT: '{"kind":"snapshot","keepFor":86400}' });
  const quota = (Used: number) => {
    const AccountQuotas = [{ AccountQuotaName: 'ManualClusterSnapshots', Used, Max: 100 }];
    mocks.rds.on(DescribeAccountAttributesCommand).resolves({ AccountQuotas });
    mocks.rds.on(DescribeDBClusterSnapshotsCommand).resolves({ DBClusterSnapshots: [] });
  };

  it('plans what there is room for: one for each cluster in which something is pending', async () => {
    const { invoke, json } = await opened(inspected(...fleet));
    quota(98);
    await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null });
    expect(json('runs/run-1/plan.json')).toMatchObject({ restorePoint: 'snapshot' });
  });

  it('writes nothing when the quota is short', async () => {
    const { invoke, bucket } = await opened(inspected(...fleet));
    quota(99);
    await expect(
      invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null }),
    ).rejects.toMatchObject({
      ...{ name: 'QuotaShort', details: { needed: 2, left: 1 } },
    });
    expect(Object.keys(bucket.files)).not.toContain('runs/run-1/plan.json');
  });
});

it('does not take what no inspection answers', async () => {
  const { invoke } = await opened(inspected({ cluster: 'a', databases: [{ database: 'orders' }] }));
  await expect(invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: null })).rejects.toThrow();
});

it.each([
  ['run', { rollout, results, approved: null, lint: null, facts: null }],
  ['results', { run: admitted, rollout, approved: null, lint: null, facts: null }],
  ['approved', { run: admitted, rollout, results }],
  ['rollout', { run: admitted, results, approved: null, lint: null, facts: null }],
  ['lint', { run: admitted, rollout, results, approved: null, facts: null }],
  ['facts', { run: admitted, rollout, results, approved: null, lint: null }],
  ['', { run: admitted, rollout, results, approved: null, lint: null, facts: null, waveSize: 3 }],
])('refuses an input with a bad %j', async (field, event) => {
  const { invoke } = await opened(inspected(...fleet));
  await expect(invoke(event)).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`Plan can't work with its input: ${field}: `),
  });
});

describe('what lint has found', () => {
  const finding = { migration: '002', file: '002.sql', rule: 'truncate-cascade', line: 3, column: 1, of: 'orders' };
  const planned = async (severity: string, written = severity) => {
    const found = (it: string) => [{ ...finding, severity: it }];
    const { invoke, json } = await opened({
      ...inspected(...fleet),
      'runs/run-1/lint.json': JSON.stringify(found(written)),
    });
    const lint = { digest: sha256(canonical(found(severity))) };
    await invoke({ run: admitted, rollout, results, approved: null, lint, facts: null });
    return json('runs/run-1/plan.json').migrations[1].findings;
  };

  it('becomes part of the plan', async () => {
    expect(await planned('warning')).toEqual([
      { rule: 'truncate-cascade', severity: 'warning', line: 3, column: 1, of: 'orders' },
    ]);
  });

  it('refuses the plan where it is an error', async () => {
    await expect(planned('error')).rejects.toMatchObject({
      name: 'PlanRefused',
      message: expect.stringContaining('002.sql:3:1 truncate-cascade: empties orders'),
    });
  });

  it('is not believed where somebody has changed it in the bucket', async () => {
    await expect(planned('error', 'warning')).rejects.toMatchObject({
      name: 'PlanChanged',
      message: expect.stringContaining('what lint has found was changed in the bucket'),
    });
  });
});

describe('what was measured of tables', () => {
  const facts = [{ table: 'orders', database: 'a/orders', rows: 9, bytes: 8192, writes: 0, dependants: 0 }];
  const planned = async (written = facts) => {
    const { invoke, json } = await opened({
      ...inspected(...fleet),
      'runs/run-1/facts.json': JSON.stringify(written),
    });
    const measured = { digest: sha256(canonical(facts)) };
    await invoke({ run: admitted, rollout, results, approved: null, lint: null, facts: measured });
    return json('runs/run-1/plan.json').facts;
  };

  it('becomes part of the plan', async () => {
    expect(await planned()).toEqual(facts);
  });

  it('is not believed where somebody has changed it in the bucket', async () => {
    await expect(planned([{ ...facts[0]!, rows: 0 }])).rejects.toMatchObject({
      name: 'PlanChanged',
      message: expect.stringContaining('what was measured of tables was changed in the bucket'),
    });
  });
});
