import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test, vi } from 'vitest';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import type { Happening } from '../../lib/cli/progress.ts';
import type { Report } from '../../lib/fleet/report.ts';
import { runRecord } from '../../lib/ledger/runs.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { stage } from './stage.ts';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

const it = stage({}, { app: 'test/e2e/failures' });

// The fleet's history grows by a migration with each `next`: each leaves one row, and takes a while for it.
const files: Record<string, string> = { '1_items.sql': 'CREATE TABLE items (step int NOT NULL);' };
const next = () => {
  const step = Object.keys(files).length + 1;
  files[`${step}_row.sql`] = `SELECT pg_sleep(2);\nINSERT INTO items VALUES (${step});`;
};

const verdicts = ({ databases }: Pick<Report, 'databases'>) => databases.map(({ verdict }) => verdict);
const rows = (environment: string, tenant: number) =>
  it.sql(
    `shop-${environment}-${tenant}`,
    `tenant_${tenant}`,
    'SELECT count(*) || $$ of $$ || count(DISTINCT step) FROM items',
  );
const allOnce = async (environment: string) => {
  const all = Object.keys(files).length - 1;
  for (const tenant of [1, 2, 3]) expect(await rows(environment, tenant)).toBe(`${all} of ${all}`);
  expect(await it.leaseOwner(environment)).toBeUndefined();
};

const stop = (executionArn: string) =>
  it.deployed.clients.sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'by hand' }));

/** Stops a run as soon as its first database is done and the second one's cluster has been begun with. */
const stoppedInItsSecondWave = async (): Promise<(happening: Happening) => void> => {
  let executionArn = '';
  const before = (await it.snapshots('shop-strict-2')).length;
  const stopIt = async () => {
    while ((await it.snapshots('shop-strict-2')).length === before) await sleep(50);
    await sleep(1_000);
    await stop(executionArn);
  };
  return (happened) => {
    if (happened.event === 'started') executionArn = happened.execution;
    if (happened.event === 'database' && happened.verdict.database === 'tenant_1') void it.clock.busy(stopIt());
  };
};

const recordOf = (environment: string, run: string) =>
  runRecord({ client: it.deployed.clients.dynamodb, name: it.pipeline(environment).ledger }, run);

/** Waits until nobody holds the lease: of a run that has ended without a report it is given back afterwards. */
const free = () => expect.poll(() => it.leaseOwner('strict'), { timeout: 30_000 }).toBeUndefined();

/** Redrives a run's execution and waits for the end of it. */
const redrive = async ({ environment, execution, run }: EnvironmentResult) => {
  const { sfn } = it.deployed.clients;
  await sfn.send(new RedriveExecutionCommand({ executionArn: execution }));
  for (;;) {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    if (status !== 'RUNNING') {
      const report: Report = JSON.parse(await it.object(environment, `runs/${run}/report.json`));
      return { status, report, record: await recordOf(environment, run) };
    }
    await sleep(50);
  }
};

test('a run that was stopped in the middle of a wave goes on there, and applies nothing twice', async () => {
  next();
  const stopped = await it.run('strict', files, { on: await stoppedInItsSecondWave() });
  expect(stopped).toMatchObject({ status: 'ABORTED', failure: { error: 'Stopped', cause: 'by hand' }, databases: [] });
  await free();

  const { status, report, record } = await redrive(stopped);
  expect([status, record?.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(verdicts(report)).toEqual(['applied', 'applied', 'applied']);
  const { events = [] } = await it.deployed.clients.sfn.send(
    new GetExecutionHistoryCommand({ executionArn: stopped.execution }),
  );
  expect(events.filter(({ type }) => type === 'MapRunRedriven')).toHaveLength(1);
  for (const tenant of [1, 2, 3]) expect(await it.snapshots(`shop-strict-${tenant}`)).toHaveLength(1);
  await allOnce('strict');
});

test('a run that could not even report says what became of it, once it can', async () => {
  next();
  let mend = () => 0;
  const broken = await it.run('strict', files, {
    on: (happened) => {
      // From now on nothing else is written: the last wave goes on for a while.
      if (happened.event === 'database' && happened.verdict.database === 'tenant_2')
        mend = it.deployed.cloud.inject(parseFaults('s3:PutObject:before:accessDenied'));
    },
  });
  expect(mend()).toBeGreaterThan(0);
  expect(broken).toMatchObject({ status: 'FAILED', failure: { error: 'AccessDenied' }, databases: [] });

  await free();

  const calls = it.deployed.cloud.dataApiCalls();
  const { status, report, record } = await redrive(broken);
  expect([status, record?.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(verdicts(report)).toEqual(['applied', 'applied', 'applied']);
  expect(it.deployed.cloud.dataApiCalls()).toBe(calls);
  await allOnce('strict');
});

test('a run that reported its failure fails with it again, and touches nothing: what is left is for the next run', async () => {
  next();
  await it.sql('shop-strict-2', 'tenant_2', 'ALTER TABLE items RENAME TO mislaid');
  const failed = await it.run('strict', files);
  expect(verdicts(failed)).toEqual(['applied', 'failed', 'skipped']);
  await it.sql('shop-strict-2', 'tenant_2', 'ALTER TABLE mislaid RENAME TO items');

  const calls = it.deployed.cloud.dataApiCalls();
  const { status, report } = await redrive(failed);
  expect(status).toBe('FAILED');
  expect(verdicts(report)).toEqual(['applied', 'failed', 'skipped']);
  expect(it.deployed.cloud.dataApiCalls()).toBe(calls);

  expect(verdicts(await it.run('strict', files))).toEqual([null, 'applied', 'applied']);
  await allOnce('strict');
});

test('a run that another one has taken over from changes nothing any more', async () => {
  next();
  const stopped = await it.run('strict', files, { on: await stoppedInItsSecondWave() });
  expect(stopped.status).toBe('ABORTED');
  next();
  const newer = await it.run('strict', files);
  expect(newer.failure).toBeNull();
  await allOnce('strict');

  const { status, report } = await redrive(stopped);
  expect(status).toBe('FAILED');
  expect(report.failure?.error).toBe('LeaseLost');
  expect(verdicts(report)).toEqual(['applied', 'skipped', 'skipped']);
  await allOnce('strict');
});
