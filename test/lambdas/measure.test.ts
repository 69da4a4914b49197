import { expect, it } from 'vitest';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { canonical, digest, sha256 } from '../../lib/migrations/digest.ts';
import { bundleOf, cluster, database, run } from '../fleet/samples.ts';
import { awsError, dataApi, statements, step, uploaded } from './harness.ts';

const { opened, counted, logs } = step(
  'measure',
  { SERVICE: 'shop', ENVIRONMENT: 'production' },
  { remaining: 60_000 },
);

const plain = bundleOf('001', '002');
const bundle: Bundle = {
  ...plain,
  migrations: plain.migrations.map((it) => ({ ...it, up: it.up.map((one) => ({ ...one, touches: [`t${it.id}`] })) })),
};
const results = 'runs/run-1/inspected/x/manifest.json';
const admitted = run({ digest: digest(bundle) });
const event = { run: admitted, results, approved: null };

const sized = (name: string, applied: number, bytes: number) => ({ ...database(name, applied), bytes });

const inspected = (...fleet: object[]) => ({
  ...uploaded(bundle),
  [results]: JSON.stringify({ ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key: 'SUCCEEDED_0.json' }] } }),
  'SUCCEEDED_0.json': JSON.stringify(fleet.map((it) => ({ Output: JSON.stringify(it) }))),
});

const state = { table: 't002', rows: 5, bytes: 8192, writes: 0, dependants: 0 };

it('looks at what is pending in the largest three databases, one call each, and keeps the largest of each table', async () => {
  const { invoke, json } = await opened(
    inspected(
      cluster('a', sized('one', 1, 10), sized('done', 2, 900)),
      cluster('b', sized('two', 1, 30), sized('three', 1, 20), sized('four', 1, 40)),
    ),
  );
  dataApi([{ ...state, rows: 1, bytes: 1 }], [state], []);
  const answer = await invoke(event);
  const asked = statements();
  expect(asked.map((it) => it.database)).toEqual(['four', 'two', 'three']);
  expect(asked[0]!.parameters).toMatchObject([{ name: 'tables', value: { stringValue: '["t002"]' } }]);
  const facts = json('runs/run-1/facts.json');
  expect(facts).toEqual([{ ...state, database: 'b/two' }]);
  expect(answer).toEqual({ facts: { digest: sha256(canonical(facts)) }, dataApiCalls: 3 });
});

it('measures nothing of what was approved, and where nothing is pending', async () => {
  const { invoke } = await opened(inspected(cluster('a', sized('one', 2, 10))));
  expect(await invoke({ ...event, approved: 'digest' })).toEqual({ facts: null, dataApiCalls: 0 });
  expect(await invoke(event)).toEqual({ facts: { digest: sha256('[]') }, dataApiCalls: 0 });
  expect(statements()).toEqual([]);
});

it('says that it could not, rather than that tables are empty', async () => {
  const { invoke } = await opened(inspected(cluster('a', sized('one', 1, 10))));
  dataApi(awsError('DatabaseErrorException', 'ERROR: permission denied for function pg_table_size; SQLState: 42501'));
  expect(await invoke(event)).toEqual({ facts: null, dataApiCalls: 1 });
  expect(JSON.parse(logs())).toMatchObject({
    ...{ level: 'WARN', database: 'a/one' },
    why: "can't be read: permission denied for function pg_table_size (SQLSTATE 42501)",
  });
});

it('fails where it is not about a database', async () => {
  const { invoke } = await opened(inspected(cluster('a', sized('one', 1, 10))));
  dataApi([{ ...state, rows: 'many' }]);
  await expect(invoke(event)).rejects.toThrow('expected number');
});

it('has the calls counted that it made again', async () => {
  const { invoke } = await opened(inspected(cluster('a', sized('one', 1, 10))));
  const busy = awsError('ThrottlingException');
  dataApi(busy, busy, [state]);
  expect(await invoke(event)).toMatchObject({ dataApiCalls: 3 });
  expect(counted()).toMatchObject([{ service: 'shop', environment: 'production', task: 'Measure', Retries: 2 }]);
  dataApi([state]);
  await invoke(event);
  expect(counted()).toHaveLength(1);
});
