import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { parseFaults } from '../../lib/local/faults/plan.ts';
import { lockstep } from '../helpers/lockstep.ts';
import { reject, stage } from './stage.ts';

const it = stage({ clusters: 2, databases: 2 });

// Every down leaves a mark behind, so that taking back twice would show.
const base = {
  '1_undone.up.sql': 'CREATE TABLE undone (migration text);',
  '1_undone.down.sql': 'DROP TABLE undone;',
};
const three = {
  ...base,
  '2_items.up.sql': 'CREATE TABLE items (id int);',
  '2_items.down.sql': "INSERT INTO undone VALUES ('2'); DROP TABLE items;",
  '3_index.up.sql': 'CREATE INDEX CONCURRENTLY items_id ON items (id);',
  '3_index.down.sql': "INSERT INTO undone VALUES ('3');\nDROP INDEX CONCURRENTLY items_id;",
  '4_name.up.sql': 'ALTER TABLE items ADD name text;',
  '4_name.down.sql': "INSERT INTO undone VALUES ('4'); ALTER TABLE items DROP COLUMN name;",
};
const later = { ...three, '5_for_good.sql': 'CREATE TABLE for_good (id int);' };

const fleet = [
  ['orders-staging-1', 'tenant_0001'],
  ['orders-staging-1', 'tenant_0002'],
  ['orders-staging-2', 'tenant_0003'],
  ['orders-staging-2', 'tenant_0004'],
] as const;
const everywhere = (sql: string) => Promise.all(fleet.map(([cluster, database]) => it.sql(cluster, database, sql)));
const undone = () => everywhere("SELECT coalesce(string_agg(migration, ',' ORDER BY migration), '') FROM undone");
const fingerprints = ({ databases }: EnvironmentResult) => databases.map(({ fingerprint }) => fingerprint);
const reverted = ({ databases }: EnvironmentResult) => databases.map((it) => it.reverted.join());

// The command finds AWS by the SDK's usual configuration.
beforeAll(() => {
  for (const [name, value] of Object.entries(it.deployed.cloud.environment())) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

const json = async (...line: string[]) => {
  const { exitCode, stdout, stderr } = await lockstep('revert', ...line, '--json');
  return { exitCode, stderr, result: JSON.parse(stdout) };
};

/** Whether an execution of this name was ever started. */
const wasStarted = async (name: string): Promise<boolean> => {
  const executionArn = `${it.pipeline('staging').stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return it.deployed.clients.sfn.send(new DescribeExecutionCommand({ executionArn })).then(
    () => true,
    () => false,
  );
};

// These tests tell one story, in this order, of one environment.
describe('lockstep revert', () => {
  let before: (string | null)[];
  let run: string;

  test('shows what it would take back, newest first, and does nothing without being told to', async () => {
    before = fingerprints(await it.run('staging', base));
    ({ run } = await it.run('staging', three));
    const { exitCode, stdout, stderr } = await lockstep('revert', 'staging', run);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^orders-staging-1 {2}tenant_0001 {2}4, 3, 2$/m);
    expect(stdout).toMatch(/^4 +4_name\.down\.sql +high +line 1 drops a column with its data$/m);
    expect(stderr).toMatch(/NotConfirmed: Nothing was changed: .* --yes/);
    expect(await wasStarted(`revert-1-${run}`)).toBe(false);
  });

  test('takes back in each database what the run applied, with a snapshot, and leaves the schema of before', async () => {
    const { exitCode, result, stderr } = await json('staging', run, '--yes');
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({ status: 'SUCCEEDED', run: `revert-1-${run}`, revert: run, failure: null });
    expect(reverted(result)).toEqual(Array(4).fill('4,3,2'));
    expect(fingerprints(result)).toEqual(before);
    for (const { cluster, snapshot } of result.databases) expect(await it.snapshots(cluster)).toContain(snapshot);
    expect(await undone()).toEqual(Array(4).fill('2,3,4'));
    expect(stderr).toMatch(/takes 3 migrations of run \S+ back in 4 databases in 2 waves/);
    expect(stderr).toMatch(/✓ orders-staging-2\/tenant_0004 {2}3 migrations taken back in \d+ ms/);
    expect(await it.leaseOwner('staging')).toBeUndefined();
  });

  test('has nothing to do the second time, and starts nothing', async () => {
    const { exitCode, stdout } = await lockstep('revert', 'staging', run);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing of that run is left to take back.');
    expect(await wasStarted(`revert-2-${run}`)).toBe(false);
    const idle = await it.revert('staging', run);
    expect(idle).toMatchObject({ status: 'SUCCEEDED', databases: Array(4).fill({ reverted: [], snapshot: null }) });
  });

  test('does not take a revert back: one runs forward again', async () => {
    const refused = await lockstep('revert', 'staging', `revert-1-${run}`, '--yes');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^RevertRefused: .*it took run \S+ back itself\. .*start a run of its bundle/);
    expect((await it.revert('staging', `revert-1-${run}`)).failure).toMatchObject({ error: 'RevertRefused' });

    const again = await it.run('staging', three);
    expect(again).toMatchObject({ status: 'SUCCEEDED', databases: Array(4).fill({ applied: ['2', '3', '4'] }) });
    await everywhere('DELETE FROM undone RETURNING migration');
    run = again.run;
  });

  test('refuses a run with a later one on top, and a migration without a down file, before anything is started', async () => {
    const top = (await it.run('staging', later)).run;
    const below = await lockstep('revert', 'staging', run, '--yes');
    expect(below.exitCode).toBe(1);
    expect(below.stderr).toContain(
      `orders-staging-2/tenant_0004: 5 (run ${top}) stands there on top of what run ${run}`,
    );
    const oneWay = await json('staging', top, '--yes');
    expect(oneWay).toMatchObject({ exitCode: 1, result: { error: 'PlanRefused' } });
    expect(oneWay.result.details.problems).toEqual([
      `5_for_good.sql has no down file, so run ${top} can't be reverted.`,
    ]);
    expect(oneWay.stderr).toMatch(/^5 +5_for_good\.sql +no down file$/m);
    expect(await Promise.all([run, top].map((it) => wasStarted(`revert-1-${it}`)))).toEqual([false, false]);

    // Whoever starts the execution by other means is told the same.
    const started = await it.revert('staging', top);
    expect(started.failure).toMatchObject({ error: 'PlanRefused' });
    expect(started.failure?.cause).toContain('nothing was touched.\n5_for_good.sql has no down file');
    expect((await it.revert('staging', run)).failure?.cause).toContain('5 (run ');
    expect(await undone()).toEqual(Array(4).fill(''));
  });

  test('is wrong usage for a run that is not there', async () => {
    const { exitCode, stderr } = await lockstep('revert', 'staging', 'nobody', '--yes');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('UnknownRun: There is no run nobody in staging.')]);
  });
});

describe('a revert that is broken off', () => {
  const more = {
    ...later,
    '6_a.up.sql': 'CREATE TABLE a (id int);',
    '6_a.down.sql': "INSERT INTO undone VALUES ('6'); DROP TABLE a;",
    '7_b.up.sql': 'CREATE INDEX CONCURRENTLY a_id ON a (id);',
    '7_b.down.sql': "INSERT INTO undone VALUES ('7');\nDROP INDEX CONCURRENTLY a_id;",
  };

  test('is taken up by the next one after it was stopped: what is taken back stays so, and once', async () => {
    // The last database is still at work when the first one is told of, however late that is.
    const slow = `${more['6_a.down.sql']} SELECT pg_sleep(5) WHERE current_database() = 'tenant_0004';`;
    const { run } = await it.run('staging', { ...more, '6_a.down.sql': slow });
    let execution = '';
    const stopped = await it.revert('staging', run, {
      on: (happening) => {
        if (happening.event === 'started') execution = happening.execution;
        if (happening.event === 'database')
          void it.deployed.clients.sfn.send(new StopExecutionCommand({ executionArn: execution, cause: 'by hand' }));
      },
    });
    expect(stopped.status).toBe('ABORTED');
    const { exitCode, result } = await json('staging', run, '--yes');
    expect(exitCode).toBe(0);
    expect(result.run).toBe(`revert-2-${run}`);
    expect(await undone()).toEqual(Array(4).fill('6,7'));
    expect(new Set(fingerprints(result)).size).toBe(1);
    await everywhere('DELETE FROM undone RETURNING migration');
  });

  // 12 calls to plan, and 3 to measure; then, in the first database, 2 to see what there is, 4 for the first down, and 1 for the second.
  test.each([17, 18, 21, 22])('takes back once if the function that takes back dies after call %i', async (call) => {
    const { run } = await it.run('staging', more);
    const end = it.deployed.cloud.inject(parseFaults(`rds-data:ExecuteStatement:after:crash@${call}`));
    const result = await it.revert('staging', run);
    expect(end()).toBe(1);
    expect(result).toMatchObject({ status: 'SUCCEEDED', databases: Array(4).fill({ reverted: ['7', '6'] }) });
    expect(await undone()).toEqual(Array(4).fill('6,7'));
    expect(new Set(fingerprints(result)).size).toBe(1);
    await everywhere('DELETE FROM undone RETURNING migration');
  });

  test('tells what failed in which down file, and goes on once that is out of the way', async () => {
    const { run } = await it.run('staging', more);
    await it.sql('orders-staging-1', 'tenant_0002', 'CREATE VIEW in_the_way AS SELECT id FROM a');
    const failed = await it.revert('staging', run);
    expect(failed).toMatchObject({ status: 'FAILED', failure: { error: 'MigrationFailed' } });
    expect(failed.databases[1]).toMatchObject({
      verdict: 'failed',
      reverted: ['7'],
      pending: ['6'],
      failed: { migration: '6', file: '6_a.down.sql', statement: 2, sqlstate: '2BP01' },
    });
    await it.sql('orders-staging-1', 'tenant_0002', 'DROP VIEW in_the_way');
    const result = await it.revert('staging', run);
    expect(result.status).toBe('SUCCEEDED');
    expect(await undone()).toEqual(Array(4).fill('6,7'));
  });
});

describe('where approval is asked for', () => {
  test('the approver is shown what is taken back, and a rejection leaves everything', async () => {
    await it.run('production', base);
    const { run } = await it.run('production', three);
    let page = '';
    const result = await it.revert('production', run, {
      answer: async (link) => {
        page = (await (await fetch(link)).text()).replace(/<[^>]+>/g, '');
        await reject(link);
      },
    });
    expect(page).toMatch(/Take back 3 migrations\s+in\s+4 databases/);
    expect(page).toContain('4_name.down.sql');
    expect(page).toContain('ALTER TABLE items DROP COLUMN name;');
    expect(page).toMatch(/What it takes back\s+ALTER TABLE items ADD name text;/);
    expect(result).toMatchObject({ status: 'FAILED', failure: { error: 'Rejected' } });
    expect(await it.sql('orders-production-1', 'tenant_0001', "SELECT to_regclass('items')::text")).toBe('items');

    // Virtual time would run out while nobody decides.
    const { exitCode, result: waiting } = await it.clock.busy(json('production', run, '--yes'));
    expect([exitCode, waiting]).toEqual([3, expect.objectContaining({ status: 'RUNNING', run: `revert-2-${run}` })]);
    await it.deployed.clients.sfn.send(new StopExecutionCommand({ executionArn: waiting.execution }));
  });
});
