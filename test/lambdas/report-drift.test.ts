import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SeenCluster } from '../../lib/fleet/drift/seen.ts';
import { recordBase } from '../../lib/ledger/expected.ts';
import { acquireLease } from '../../lib/ledger/lease.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { awsError, mocks, published, statements, step } from './harness.ts';

const { opened, logs } = step(
  'report-drift',
  { SERVICE: 'shop', ENVIRONMENT: 'production', TOPIC: 'arn:topic' },
  { remaining: 120_000 },
);

const CHECK = '_drift/check-1';
const AT = '2026-01-05T09:00:00.000Z';

const database = (name: string, fingerprint = 'usual', more: object = {}) => ({
  ...{ database: name, fingerprint, level: 'L', applied: 2, problem: null, dataApiCalls: 1, ...more },
});
const cluster = (name: string, ...databases: SeenCluster['databases']) => ({
  ...{ cluster: name, clusterArn: `arn:${name}`, secretArn: `secret-${name}`, problems: [], databases },
});

/** What the map over the clusters has left in the bucket. */
const seen = (...clusters: object[]) => ({
  'runs/_drift/check-1/fingerprints/m/manifest.json': JSON.stringify({
    ResultFiles: { SUCCEEDED: [{ Key: 'runs/_drift/check-1/fingerprints/m/0.json' }] },
  }),
  'runs/_drift/check-1/fingerprints/m/0.json': JSON.stringify(clusters.map((it) => ({ Output: JSON.stringify(it) }))),
  'runs/_drift/check-1/discovery.json': JSON.stringify({ problems: ['orders-9 is declared twice'] }),
});

const event = (more: object = {}) => ({
  ...{ run: { run: CHECK }, startedAt: AT, failure: null },
  ...{ results: 'runs/_drift/check-1/fingerprints/m/manifest.json', ...more },
});

const left = async (ledger: Table, ...names: string[]) => {
  for (const name of names) {
    const [cluster = '', database = ''] = name.split('/');
    await recordBase(ledger, { cluster, database }, { fingerprint: 'usual', level: 'L', at: AT, run: 'run-1' });
  }
};

/** Answers, by cluster, with the names of what stands there. */
const schemas = (answers: Record<string, string[] | Error>) => {
  mocks.data.on(ExecuteStatementCommand).callsFake(async ({ resourceArn }) => {
    const answer = answers[resourceArn.split(':').at(-1)] ?? new Error('this test did not expect SQL there');
    if (answer instanceof Error) throw answer;
    const objects = answer.map((object) => ({ object, parent: null, hash: '0'.repeat(64), text: `text of ${object}` }));
    return { records: [[{ stringValue: JSON.stringify({ objects, more: false }) }]] };
  });
};

const kept = (fingerprint: string, ...names: string[]) => ({
  [`schemas/${fingerprint}.json`]: JSON.stringify(
    names.map((object) => ({ object, parent: null, hash: '0'.repeat(64), text: `text of ${object}` })),
  ),
});

beforeEach(() => {
  mocks.sns.on(PublishCommand).resolves({});
});

it('tells nobody where all is as it should be, and remembers what it has seen', async () => {
  const { invoke, ledger, json } = await opened(seen(cluster('a', database('x'), database('y'))));
  await left(ledger, 'a/x');
  expect(await invoke(event())).toEqual({ failure: null, databases: 2, alike: 2, findings: 0 });
  expect(json('runs/_drift/check-1/report.json')).toMatchObject({
    ...{ check: CHECK, service: 'shop', environment: 'production', startedAt: AT, failure: null, atWork: null },
    ...{ databases: 2, alike: 2, findings: [], problems: ['orders-9 is declared twice'], dataApiCalls: 2 },
  });
  expect(json('drift/state.json')).toMatchObject({
    check: CHECK,
    databases: {
      'a/x': { fingerprint: 'usual', level: 'L', base: { at: AT, run: 'run-1' }, finding: null },
      'a/y': { base: { fingerprint: 'usual', run: null } },
    },
  });
  expect([published(), statements()]).toEqual([[], []]);
});

describe('a change', () => {
  const fleet = seen(cluster('a', database('x', 'odd')), cluster('b', database('y')));

  it('is explained from what was kept and one call, kept itself, and told', async () => {
    const { invoke, ledger, json } = await opened({ ...fleet, ...kept('usual', 'table t', 'index i') });
    await left(ledger, 'a/x', 'b/y');
    schemas({ a: ['table t', 'table hotfix'] });
    expect(await invoke(event())).toMatchObject({ databases: 2, alike: 1, findings: 1 });
    const { findings, dataApiCalls } = json('runs/_drift/check-1/report.json');
    expect(findings).toMatchObject([
      {
        ...{ kind: 'changed', expected: 'usual', found: 'odd', run: 'run-1', like: 'b/y', count: 2 },
        objects: [
          { object: 'index i', is: 'missing', expected: 'text of index i', found: null },
          { object: 'table hotfix', is: 'not expected', expected: null, found: 'text of table hotfix' },
        ],
      },
    ]);
    expect(dataApiCalls).toBe(3);
    expect(statements()).toHaveLength(1);
    expect(json('schemas/odd.json')).toHaveLength(2);
    expect(published()).toMatchObject([
      {
        Subject: 'Drift: shop production, 1 of 2 databases',
        Message: expect.stringContaining('lacks index i, and has table hotfix besides'),
      },
    ]);
    // Definitions may hold what a mail should not.
    expect(published()[0]?.Message).not.toContain('text of');
  });

  it('is told once', async () => {
    const { invoke, ledger } = await opened({ ...fleet, ...kept('usual', 'table t'), ...kept('odd') });
    await left(ledger, 'a/x', 'b/y');
    await invoke(event());
    await invoke(event());
    expect(published()).toHaveLength(1);
  });

  it('is found where it can not be explained, and where nobody can be told', async () => {
    const { invoke, ledger, json } = await opened({ ...fleet });
    await left(ledger, 'a/x', 'b/y');
    schemas({ b: awsError('ForbiddenException', 'not yours') });
    mocks.sns.on(PublishCommand).rejects(awsError('InternalErrorException'));
    expect(await invoke(event())).toMatchObject({ findings: 1 });
    expect(json('runs/_drift/check-1/report.json').findings).toMatchObject([
      { objects: null, why: expect.stringMatching(/not yours/) },
    ]);
    expect(logs()).toContain('drift could not be told');
  });

  it('that is no more is told, too', async () => {
    const files = { ...fleet, ...kept('usual'), ...kept('odd') };
    const { invoke, ledger, bucket } = await opened(files);
    await left(ledger, 'a/x', 'b/y');
    await invoke(event());
    Object.assign(bucket.files, seen(cluster('a', database('x')), cluster('b', database('y'))));
    await invoke(event());
    expect(published()).toMatchObject([
      {},
      { Subject: 'Drift: shop production, none any more', Message: expect.stringContaining('0 new, 1 no more') },
    ]);
  });
});

it('reads two histories to name the migrations that a database lacks', async () => {
  const { invoke, json } = await opened(
    seen(cluster('a', database('x', 'older', { level: 'K', applied: 1 })), cluster('b', database('y'))),
  );
  mocks.data.on(ExecuteStatementCommand).callsFake(async ({ resourceArn }) => {
    const ids = resourceArn === 'arn:a' ? ['001'] : ['001', '002'];
    const rows = ids.map((id) => [id, 1, 'c', 'applied', 1, null, 1, null]);
    const found = { server: 170009, installed: true, history: rows, fingerprint: '0'.repeat(64) };
    return { records: [[{ stringValue: JSON.stringify({ ...found, invalidIndexes: [], notValidated: [] }) }]] };
  });
  await invoke(event());
  expect(json('runs/_drift/check-1/report.json').findings).toMatchObject([
    { kind: 'migrations', databases: [{ database: 'a/x' }], why: 'lacks migration 002' },
  ]);
});

it('does not tell who lacks migrations while a run is at work', async () => {
  const fleet = seen(cluster('a', database('x', 'older', { level: 'K', applied: 1 })), cluster('b', database('y')));
  const { invoke, ledger, json } = await opened({ ...fleet });
  await acquireLease(ledger, 'arn:execution', new Date(), async () => true);
  expect(await invoke(event())).toMatchObject({ findings: 0 });
  expect(json('runs/_drift/check-1/report.json')).toMatchObject({ atWork: 'arn:execution' });
});

it('finds a cluster that nobody could look at', async () => {
  const broken = { ...cluster('a'), databases: ['x', 'y'], error: { Error: 'Sandbox.Timedout', Cause: 'too slow' } };
  const { invoke, json } = await opened(seen(broken, cluster('b', database('y'))));
  expect(await invoke(event())).toMatchObject({ databases: 3, alike: 1, findings: 1 });
  expect(json('runs/_drift/check-1/report.json').findings).toMatchObject([
    { kind: 'unreadable', why: 'could not be looked at: Sandbox.Timedout too slow', databases: [{}, {}] },
  ]);
});

it('tells people when the fleet could not be looked at, and leaves what is remembered', async () => {
  const { invoke, json } = await opened();
  const failure = { Error: 'AccessDenied', Cause: 'no tags for you' };
  expect(await invoke(event({ results: null, failure }))).toEqual({
    failure: { error: 'AccessDenied', cause: 'no tags for you' },
  });
  expect(json('runs/_drift/check-1/report.json')).toMatchObject({ failure: { error: 'AccessDenied' }, databases: 0 });
  expect(json('drift/state.json')).toBeNull();
  expect(published()).toMatchObject([
    { Subject: 'Drift not checked: shop production', Message: expect.stringContaining('no tags for you') },
  ]);
});

it('tells people when it breaks itself', async () => {
  const { invoke } = await opened();
  await expect(invoke(event())).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(published()).toMatchObject([{ Subject: 'Drift not checked: shop production' }]);
});

it('begins anew where what it remembers is of another make', async () => {
  const { invoke, json } = await opened({ ...seen(cluster('a', database('x'))), 'drift/state.json': '{"old":true}' });
  expect(await invoke(event())).toMatchObject({ alike: 1 });
  expect(json('drift/state.json')).toMatchObject({ check: CHECK });
});
