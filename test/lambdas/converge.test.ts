import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { makePlan } from '../../lib/fleet/plan.ts';
import { recordVerdict } from '../../lib/ledger/runs.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { bundleOf, cluster, database, inWavesOf, run, verdict } from '../fleet/samples.ts';
import { awsError, mocks, statements, step } from './harness.ts';

const { opened, logs } = step('converge', {}, { remaining: 60_000 });

const fleet = [
  cluster('a', database('orders', 1)),
  cluster('b', database('orders', 2, { fingerprint: 'new' })),
  cluster('c', database('orders', 1)),
];
const { plan, planDigest } = makePlan(bundleOf('001', '002'), fleet, {
  service: 'shop',
  environment: 'production',
  digest: 'd'.repeat(64),
  rollout: inWavesOf(1),
  policy: 'p',
  fleet: 'f',
  version: '1.0.0',
});
const addresses = fleet.map(({ cluster, clusterArn, secretArn }) => {
  return { cluster, clusterArn, secretArn, databases: ['orders'], labels: {}, databaseLabels: {}, problems: [] };
});
const files = () => ({
  'runs/run-1/plan.json': JSON.stringify({ ...plan, planDigest, dataApiCalls: 2 }),
  'runs/run-1/fleet.json': JSON.stringify(addresses),
});

/** Where the databases of a and c end; that of b had everything before. */
const verified = async (ledger: Table, ends: { a: string; c: string }) => {
  for (const [name, fingerprint] of Object.entries(ends))
    await recordVerdict(ledger, 'run-1', verdict(name, 'orders', { fingerprint }));
};

/** Answers, by cluster, with a schema, an error, or not at all. */
const schemas = (answers: Record<string, string[] | Error | 'nothing'>, fingerprints: Record<string, string> = {}) => {
  mocks.data.on(ExecuteStatementCommand).callsFake(async ({ resourceArn }) => {
    const name = resourceArn.split(':').at(-1);
    const answer = answers[name] ?? new Error('this test did not expect SQL there');
    if (answer instanceof Error) throw answer;
    if (answer === 'nothing') return new Promise(() => {});
    const objects = answer.map((object) => ({ object, parent: null, hash: '0'.repeat(64) }));
    const fingerprint = fingerprints[name] ?? 'new';
    const text = JSON.stringify({ fingerprint, objects, more: false });
    // Long answers come in several rows.
    return { records: [text.slice(0, 30), text.slice(30)].map((stringValue) => [{ stringValue }]) };
  });
};

describe('a fleet of one schema', () => {
  const kept = { 'schemas/new.json': '[]' };

  it('is told, without a Data API call where that schema is known', async () => {
    const { invoke, ledger, json } = await opened({ ...files(), ...kept });
    await verified(ledger, { a: 'new', c: 'new' });
    expect(await invoke({ run: run() })).toEqual({ fingerprint: 'new', dataApiCalls: 0 });
    expect(statements()).toEqual([]);
    expect(json('runs/run-1/differences.json')).toBeNull();
  });

  it('has it read in one database and kept, the first time', async () => {
    const { invoke, ledger, json } = await opened(files());
    await verified(ledger, { a: 'new', c: 'new' });
    schemas({ a: ['table t1', 'index i'] });
    expect(await invoke({ run: run() })).toEqual({ fingerprint: 'new', dataApiCalls: 1 });
    expect(statements()).toHaveLength(1);
    expect(json('schemas/new.json')).toMatchObject([{ object: 'table t1' }, { object: 'index i' }]);
  });

  it('is not kept in the name of what it was before somebody changed the database', async () => {
    const { invoke, ledger, json } = await opened(files());
    await verified(ledger, { a: 'new', c: 'new' });
    schemas({ a: ['table t1', 'table later'] }, { a: 'later' });
    expect(await invoke({ run: run() })).toEqual({ fingerprint: 'new', dataApiCalls: 1 });
    expect(json('schemas/new.json')).toBeNull();
    expect(logs()).toContain('a/orders has changed since it was looked at');
  });

  it('is that whether or not the schema can be read and kept', async () => {
    const { invoke, ledger } = await opened(files());
    await verified(ledger, { a: 'new', c: 'new' });
    schemas({ a: awsError('AccessDeniedException', 'not yours') });
    expect(await invoke({ run: run() })).toEqual({ fingerprint: 'new', dataApiCalls: 1 });
    mocks.s3.on(PutObjectCommand).rejects(awsError('SlowDown'));
    schemas({ a: ['table t1'] });
    expect(await invoke({ run: run() })).toEqual({ fingerprint: 'new', dataApiCalls: 1 });
    expect(logs()).toMatch(/the schema could not be kept[\s\S]*a schema could not be kept/);
  });
});

it('fails where databases differ, tells how, and keeps that for the report', async () => {
  const { invoke, ledger, json } = await opened(files());
  await verified(ledger, { a: 'odd', c: 'new' });
  schemas({ a: ['table t1', 'index i'], b: ['table t1', 'table t2'] }, { a: 'odd' });
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    name: 'FingerprintsDiffer',
    message: 'The fleet has 2 different schemas: 2 alike; 1 (a/orders) lacks table t2, and has index i besides.',
  });
  expect(JSON.parse(logs())).toMatchObject({ task: 'Converge', run: 'run-1', error: 'FingerprintsDiffer' });
  // Whoever mends it has to know both.
  expect([json('schemas/new.json').length, json('schemas/odd.json').length]).toEqual([2, 2]);
  expect(json('runs/run-1/differences.json')).toMatchObject({
    ...{ schemas: 2, dataApiCalls: 2, unfinished: [] },
    groups: [
      { fingerprint: 'new', count: 2, read: 'b/orders', differences: [] },
      { fingerprint: 'odd', count: 1, read: 'a/orders', differences: [{ is: 'missing' }, { is: 'not expected' }] },
    ],
  });
});

it('does not tell how databases differ by what one of them has become since', async () => {
  const { invoke, ledger, json } = await opened(files());
  await verified(ledger, { a: 'odd', c: 'new' });
  schemas({ a: ['table later'], b: ['table t1'] }, { a: 'later' });
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    message: expect.stringContaining(
      '1 (a/orders) differs in what is not known [a/orders: it has changed since it was looked at]',
    ),
  });
  expect(json('schemas/odd.json')).toBeNull();
  expect(json('schemas/later.json')).toMatchObject([{ object: 'table later' }]);
});

it('sends SQL to one database of each schema, with the secret of its cluster', async () => {
  const { invoke, ledger } = await opened(files());
  await verified(ledger, { a: 'odd', c: 'new' });
  schemas({ a: [], b: ['table t1'] }, { a: 'odd' });
  await expect(invoke({ run: run() })).rejects.toMatchObject({ name: 'FingerprintsDiffer' });
  expect(statements()).toMatchObject(
    ['b', 'a'].map((name) => ({
      resourceArn: `arn:aws:rds:eu-west-1:111111111111:cluster:${name}`,
      secretArn: `${name}-secret`,
      database: 'orders',
    })),
  );
});

it('reads what the run has said of its databases once', async () => {
  const query = vi.spyOn(DynamoDBDocumentClient.prototype, 'send');
  const { invoke, ledger } = await opened(files());
  await verified(ledger, { a: 'odd', c: 'new' });
  schemas({ a: [], b: ['table t1'] }, { a: 'odd' });
  await expect(invoke({ run: run() })).rejects.toMatchObject({ name: 'FingerprintsDiffer' });
  expect(query.mock.calls.filter(([command]) => command instanceof QueryCommand)).toHaveLength(1);
});

it('names what can not be read, and reads another database in its place', async () => {
  const { invoke, ledger } = await opened(files());
  await verified(ledger, { a: 'odd', c: 'new' });
  const denied = awsError('AccessDeniedException', 'not this one');
  schemas({ a: ['table t1'], b: denied, c: ['table t1', 'table t2'] }, { a: 'odd' });
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    message:
      "The fleet has 2 different schemas: 2 alike [b/orders: orders can't be worked on: AccessDeniedException: not this one]; 1 (a/orders) lacks table t2.",
  });
});

it.each([
  ['is not there', {}, "its address can't be looked up"],
  ['has other clusters', { 'runs/run-1/fleet.json': '[]' }, "the run's fleet has no such cluster"],
])('tells that they differ though the list of addresses %s', async (_, changed, reason) => {
  const { 'runs/run-1/fleet.json': fleet, ...others } = files();
  const { invoke, ledger } = await opened({ ...others, ...changed });
  await verified(ledger, { a: 'odd', c: 'new' });
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    name: 'FingerprintsDiffer',
    message: expect.stringMatching(
      new RegExp(`2 alike \\[b/orders: .*${reason}.*; 1 \\(a/orders\\) differs in what is`),
    ),
  });
  expect(statements()).toEqual([]);
});

it('fails as it would where the differences can not be written down', async () => {
  const { invoke, ledger } = await opened(files());
  await verified(ledger, { a: 'odd', c: 'new' });
  schemas({ a: ['table t1'], b: [] }, { a: 'odd' });
  mocks.s3.on(PutObjectCommand).rejects(awsError('SlowDown'));
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    name: 'FingerprintsDiffer',
    message: expect.stringContaining('has table t1 besides'),
  });
  expect(logs()).toContain('the differences could not be written down');
});

it('does not take for a difference what the run did not get through, and reads nothing for it', async () => {
  const { invoke, ledger, json } = await opened(files());
  const failed = verdict('a', 'orders', { verdict: 'failed', fingerprint: null });
  await recordVerdict(ledger, 'run-1', failed);
  await expect(invoke({ run: run() })).rejects.toMatchObject({
    name: 'FingerprintsDiffer',
    message:
      'The fleet is not all at one schema: 1 (b/orders) to compare with; 2 did not get through the run and are no drift (failed: a/orders; skipped: c/orders).',
  });
  expect(statements()).toEqual([]);
  expect(json('runs/run-1/differences.json')).toMatchObject({ schemas: 1, dataApiCalls: 0 });
});

it('fails where there is no plan to hold the fleet against', async () => {
  const { invoke } = await opened();
  await expect(invoke({ run: run() })).rejects.toMatchObject({ name: 'NoSuchKey' });
});

it('refuses an input that is more than the run', async () => {
  const { invoke } = await opened(files());
  await expect(invoke({ run: run(), wave: 1 })).rejects.toMatchObject({ name: 'InvalidInput' });
});

describe('with little time left', () => {
  const { opened } = step('converge', {}, { remaining: 15_100 });

  it('does not wait for an answer until it is ended itself', async () => {
    const { invoke, ledger } = await opened(files());
    await verified(ledger, { a: 'odd', c: 'new' });
    schemas({ a: 'nothing', b: ['table t1'], c: ['table t1'] });
    await expect(invoke({ run: run() })).rejects.toMatchObject({
      message: expect.stringContaining(
        "1 (a/orders) differs in what is not known [a/orders: can't be read in the time",
      ),
    });
  });
});

describe('where a run was taken back', () => {
  const back = run({ revert: 'run-0', direction: 'down' });
  const asItWas = (ends: Record<string, string>) => ({
    'runs/run-0/plan.json': JSON.stringify({
      databases: Object.entries(ends).map(([cluster, fingerprint]) => ({ cluster, database: 'orders', fingerprint })),
    }),
  });
  const takenBack = async (ledger: Table, ends: { a: string; c: string }) => {
    for (const [name, fingerprint] of Object.entries(ends))
      await recordVerdict(ledger, 'run-1', verdict(name, 'orders', { verdict: 'reverted', fingerprint }));
  };

  it('databases may differ as they did before that run', async () => {
    const { invoke, ledger } = await opened({ ...files(), ...asItWas({ a: 'odd', b: 'new', c: 'new' }) });
    await takenBack(ledger, { a: 'odd', c: 'new' });
    expect(await invoke({ run: back })).toEqual({ fingerprint: null, dataApiCalls: 0 });
    expect(statements()).toEqual([]);
  });

  it.each([
    ['one is otherwise than it was', asItWas({ a: 'new', b: 'new', c: 'new' })],
    ['nobody knows how one was', asItWas({ b: 'new', c: 'new' })],
    ["what that run's plan says can't be read", { 'runs/run-0/plan.json': '{}' }],
    ["that run's plan is gone", {}],
  ])('it fails where %s', async (_, plans) => {
    const { invoke, ledger } = await opened({ ...files(), ...plans });
    await takenBack(ledger, { a: 'odd', c: 'new' });
    schemas({ a: ['table t1'], b: [] }, { a: 'odd' });
    await expect(invoke({ run: back })).rejects.toMatchObject({ name: 'FingerprintsDiffer' });
  });

  it('it fails where not all is taken back yet', async () => {
    const { invoke, ledger } = await opened({ ...files(), ...asItWas({ a: 'odd', b: 'new', c: 'new' }) });
    await recordVerdict(ledger, 'run-1', verdict('a', 'orders', { verdict: 'reverted', fingerprint: 'odd' }));
    schemas({ a: ['table t1'], b: [] }, { a: 'odd' });
    await expect(invoke({ run: back })).rejects.toMatchObject({ name: 'FingerprintsDiffer' });
  });
});
