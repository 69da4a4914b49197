import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { describe, expect, it } from 'vitest';
import type { SeenCluster } from '../../lib/fleet/drift/seen.ts';
import { recordBase } from '../../lib/ledger/expected.ts';
import { acquireLease } from '../../lib/ledger/lease.ts';
import type { Table } from '../../lib/ledger/table.ts';
import { attested } from '../policy/promotion/sample.ts';
import { awsError, mocks, statements, step } from './harness.ts';

const { opened } = step('find-drift', { SERVICE: 'shop', ENVIRONMENT: 'production' }, { remaining: 120_000 });

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
  ...{ run: { run: CHECK }, startedAt: AT },
  ...{ results: 'runs/_drift/check-1/fingerprints/m/manifest.json', ...more },
});

const left = async (ledger: Table, ...names: string[]) => {
  for (const name of names) {
    const [cluster = '', database = ''] = name.split('/');
    await recordBase(ledger, { cluster, database }, { fingerprint: 'usual', level: 'L', at: AT, run: 'run-1' });
  }
};

/** Answers, by cluster, with the names of what stands there, and the fingerprint that it has by then. */
const schemas = (answers: Record<string, string[] | Error>, fingerprint = 'odd') => {
  mocks.data.on(ExecuteStatementCommand).callsFake(async ({ resourceArn }) => {
    const answer = answers[resourceArn.split(':').at(-1)] ?? new Error('this test did not expect SQL there');
    if (answer instanceof Error) throw answer;
    const objects = answer.map((object) => ({ object, parent: null, hash: '0'.repeat(64), text: `text of ${object}` }));
    return { records: [[{ stringValue: JSON.stringify({ fingerprint, objects, more: false }) }]] };
  });
};

const kept = (fingerprint: string, ...names: string[]) => ({
  [`schemas/${fingerprint}.json`]: JSON.stringify(
    names.map((object) => ({ object, parent: null, hash: '0'.repeat(64), text: `text of ${object}` })),
  ),
});

it('finds nothing where all is as it should be, and remembers what it has seen', async () => {
  const { invoke, ledger, json } = await opened(seen(cluster('a', database('x'), database('y'))));
  await left(ledger, 'a/x');
  expect(await invoke(event())).toEqual({ databases: 2, alike: 2, findings: 0, fresh: 0, gone: 0 });
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
  expect(statements()).toEqual([]);
});

describe('two databases that one run has left unlike each other', () => {
  const fleet = {
    ...seen(cluster('a', database('x', 'odd')), cluster('b', database('y'))),
    ...kept('usual'),
    ...kept('odd'),
  };
  const planned = (previous: object | null) => ({ 'runs/run-1/plan.json': JSON.stringify({ previous }) });
  const found = async (files: Record<string, string>) => {
    const { invoke, ledger, json } = await opened({ ...fleet, ...files });
    const base = { fingerprint: 'odd', level: 'L', at: AT, run: 'run-1' };
    await recordBase(ledger, { cluster: 'a', database: 'x' }, base);
    await left(ledger, 'b/y');
    await invoke(event());
    const { findings } = json('runs/_drift/check-1/report.json');
    return findings.map((it: { kind: string; databases: object[] }) => [it.kind, it.databases]);
  };
  const apart = [
    ['apart', [{ database: 'a/x', after: null, seen: expect.any(String) }]],
    ['apart', [{ database: 'b/y', after: null, seen: expect.any(String) }]],
  ];

  it('are held against what the environment before has attested of the same bundle', async () => {
    expect(await found(planned(attested({ fingerprint: 'usual' })))).toEqual([['different', apart[0]![1]]]);
    expect(await found(planned(attested({ fingerprint: 'odd' })))).toEqual([['different', apart[1]![1]]]);
  });

  it.each([
    ['no environment is before', planned(null)],
    ['nobody knows how it was planned', {}],
    ['the whole fleet had none before', planned(attested({ fingerprint: null }))],
    ['some of it was left out there', planned(attested({ fingerprint: 'usual', wholeFleet: false }))],
    ['it has failed there', planned(attested({ fingerprint: 'usual', standing: 'failed' }))],
    ['it was otherwise there', planned(attested({ fingerprint: 'other' }))],
  ])('are told both where %s', async (_, files) => {
    expect(await found(files)).toEqual(apart);
  });
});

describe('a change', () => {
  const fleet = seen(cluster('a', database('x', 'odd')), cluster('b', database('y')));

  it('is explained from what was kept and one call, and kept itself', async () => {
    const { invoke, ledger, json } = await opened({ ...fleet, ...kept('usual', 'table t', 'index i') });
    await left(ledger, 'a/x', 'b/y');
    schemas({ a: ['table t', 'table hotfix'] });
    expect(await invoke(event())).toMatchObject({ databases: 2, alike: 1, findings: 1, fresh: 1, gone: 0 });
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
  });

  it('is not explained by what it has become since, and that is not kept in its name', async () => {
    const { invoke, ledger, json } = await opened({ ...fleet, ...kept('usual', 'table t') });
    await left(ledger, 'a/x', 'b/y');
    schemas({ a: ['table t', 'table later'] }, 'later');
    await invoke(event());
    expect(json('runs/_drift/check-1/report.json').findings).toMatchObject([
      { found: 'odd', objects: null, why: 'a/x has changed since it was looked at' },
    ]);
    expect(json('schemas/odd.json')).toBeNull();
    expect(json('schemas/later.json')).toMatchObject([{ object: 'table t' }, { object: 'table later' }]);
  });

  it('is news once, and so is that it is no more', async () => {
    const { invoke, ledger, bucket } = await opened({ ...fleet, ...kept('usual', 'table t'), ...kept('odd') });
    await left(ledger, 'a/x', 'b/y');
    const on = async (check: string, files: Record<string, string>) => {
      for (const [key, text] of Object.entries(files))
        bucket.files[key.replace('check-1', check)] = text.replaceAll('check-1', check);
      const results = `runs/_drift/${check}/fingerprints/m/manifest.json`;
      const { fresh, gone } = await invoke(event({ run: { run: `_drift/${check}` }, results }));
      return { fresh, gone };
    };
    expect(await on('first', fleet)).toEqual({ fresh: 1, gone: 0 });
    // A step may be repeated.
    expect(await on('first', fleet)).toEqual({ fresh: 1, gone: 0 });
    expect(await on('second', fleet)).toEqual({ fresh: 0, gone: 0 });
    expect(await on('third', seen(cluster('a', database('x')), cluster('b', database('y'))))).toEqual({
      fresh: 0,
      gone: 1,
    });
  });

  it('is found where it can not be explained', async () => {
    const { invoke, ledger, json } = await opened({ ...fleet });
    await left(ledger, 'a/x', 'b/y');
    schemas({ b: awsError('ForbiddenException', 'not yours') });
    expect(await invoke(event())).toMatchObject({ findings: 1 });
    expect(json('runs/_drift/check-1/report.json').findings).toMatchObject([
      { objects: null, why: expect.stringMatching(/not yours/) },
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

it('begins anew where what it remembers is of another make', async () => {
  const { invoke, json } = await opened({ ...seen(cluster('a', database('x'))), 'drift/state.json': '{"old":true}' });
  expect(await invoke(event())).toMatchObject({ alike: 1 });
  expect(json('drift/state.json')).toMatchObject({ check: CHECK });
});
