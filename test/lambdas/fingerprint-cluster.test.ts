import { expect, it } from 'vitest';
import { sha256 } from '../../lib/migrations/digest.ts';
import { awsError, dataApi, statements, step } from './harness.ts';

const { opened } = step('fingerprint-cluster');

const cluster = (more: object = {}) => ({
  ...{ cluster: 'a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: ['orders', 'billing'], labels: {} },
  ...{ databaseLabels: {}, problems: [], ...more },
});
const run = { run: '_drift/check-1' };
const fingerprint = sha256('schema');

const found = (...rows: unknown[][]) => ({
  ...{ server: 170009, bytes: 1, installed: true, fingerprint, invalidIndexes: [], notValidated: [] },
  history: rows,
});
const row = (migration: string, state = 'applied', step = 1) => [migration, 1, 'c', state, step, null, 1, 7];

it('reads each database by one call: what it looks like, and how far it is', async () => {
  const { invoke } = await opened();
  dataApi(found(row('001'), row('002')), found(row('001'), row('002', 'failed', 0)));
  const { databases, ...rest } = await invoke({ run, cluster: cluster() });
  expect(rest).toEqual({ cluster: 'a', clusterArn: 'arn:a', secretArn: 'secret-a', problems: [] });
  expect(databases).toEqual([
    {
      ...{ database: 'orders', fingerprint, applied: 2 },
      ...{ level: expect.any(String), problem: null, dataApiCalls: 1 },
    },
    {
      ...{ database: 'billing', fingerprint, applied: 1 },
      ...{ level: expect.any(String), problem: null, dataApiCalls: 1 },
    },
  ]);
  expect(databases[0].level).not.toBe(databases[1].level);
  expect(statements().map(({ database, secretArn }) => [database, secretArn])).toEqual([
    ['orders', 'secret-a'],
    ['billing', 'secret-a'],
  ]);
});

it('says of a database that it can not read why, and goes on with the next', async () => {
  const { invoke } = await opened();
  const missing = awsError('DatabaseErrorException', 'FATAL: database "orders" does not exist; SQLState: 3D000');
  dataApi(missing, found(row('001')));
  expect((await invoke({ run, cluster: cluster() })).databases).toMatchObject([
    { database: 'orders', level: '', problem: expect.stringContaining('database "orders" does not exist') },
    { database: 'billing', problem: null },
  ]);
});

it('sends no SQL to a cluster that can not be worked on', async () => {
  const { invoke } = await opened();
  const problems = ['has its Data API switched off.'];
  expect((await invoke({ run, cluster: cluster({ problems }) })).databases).toMatchObject([
    { database: 'orders', problem: problems[0] },
    { database: 'billing', problem: problems[0] },
  ]);
  expect(await invoke({ run, cluster: cluster({ problems, databases: [] }) })).toMatchObject({
    problems,
    databases: [],
  });
  expect(statements()).toEqual([]);
});

it('breaks where it breaks itself, so that the workflow tries again', async () => {
  const { invoke } = await opened();
  dataApi({ fingerprint: 'none' });
  await expect(invoke({ run, cluster: cluster() })).rejects.toMatchObject({ name: 'ZodError' });
});
