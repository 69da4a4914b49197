import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { askEndpoint } from '../../lib/cli/endpoint.ts';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import { stage } from './stage.ts';

const it = stage({}, { app: 'test/e2e/rollout' });

const first = { '1_items.up.sql': 'CREATE TABLE items (id int);', '1_items.down.sql': 'DROP TABLE items;' };
const second = {
  ...first,
  '2_name.up.sql': 'ALTER TABLE items ADD name text;',
  '2_name.down.sql': 'ALTER TABLE items DROP COLUMN name;',
};
const verdicts = ({ databases }: EnvironmentResult) => databases.map(({ verdict }) => verdict);
const fingerprints = ({ databases }: EnvironmentResult) => databases.map(({ fingerprint }) => fingerprint);

describe('a failure budget', () => {
  const poison = (tenant: number) =>
    it.sql(`shop-budget-${tenant}`, `tenant_${tenant}`, 'ALTER TABLE items ADD name int');

  test('lets one poisoned tenant fail and names it, and all others are brought on; what these differ in is told, too', async () => {
    await it.run('budget', first);
    await poison(3);
    await it.sql('shop-budget-5', 'tenant_5', 'CREATE INDEX by_hand ON items (id)');
    const result = await it.run('budget', second);
    expect(verdicts(result)).toEqual(['applied', 'applied', 'failed', 'applied', 'applied']);
    expect(result.status).toBe('FAILED');
    expect(result.failure?.cause).toContain('shop-budget-3/tenant_3: 2_name.up.sql:1');
    expect(result.failure?.cause).toContain(
      '3 alike; 1 (shop-budget-5/tenant_5) has index public.by_hand besides; ' +
        '1 did not get through the run and is no drift (failed: shop-budget-3/tenant_3).',
    );
    await it.sql('shop-budget-5', 'tenant_5', 'DROP INDEX by_hand');
    expect(await it.leaseOwner('budget')).toBeUndefined();
  });

  test('spent, starts no other, and lists what is left; the next run goes on with that', async () => {
    const third = { ...second, '3_more.up.sql': 'ALTER TABLE items ADD more text;' };
    for (const tenant of [2, 4])
      await it.sql(`shop-budget-${tenant}`, `tenant_${tenant}`, 'ALTER TABLE items ADD more int');
    const result = await it.run('budget', third);
    expect(verdicts(result)).toEqual(['applied', 'failed', 'failed', 'skipped', 'skipped']);
    expect(result.failure?.cause).toContain('Halted: 2 databases failed in wave 2 (rest), and 1 may');
    expect(await it.snapshots('shop-budget-5')).toHaveLength(2);

    for (const tenant of [2, 4])
      await it.sql(`shop-budget-${tenant}`, `tenant_${tenant}`, 'ALTER TABLE items DROP COLUMN more');
    await it.sql('shop-budget-3', 'tenant_3', 'ALTER TABLE items DROP COLUMN name');
    const mended = await it.run('budget', third);
    expect(mended.status).toBe('SUCCEEDED');
    expect(verdicts(mended)).toEqual([null, 'applied', 'applied', 'applied', 'applied']);
    expect(new Set(fingerprints(mended)).size).toBe(1);
  });
});

describe('a rollout that is held', () => {
  /** Runs it, and says resume whenever it is held, time standing still meanwhile; `told` is what people were told then. */
  const resuming = async (environment: string, files: Record<string, string>) => {
    const { clients, cloud } = it.deployed;
    const told: string[] = [];
    const resume = async (path: string) => {
      const { hold } = await askEndpoint(clients, it.pipeline(environment), { method: 'GET', path });
      const { planDigest: shown, hold: as } = hold as { planDigest: string; hold: { answers: { resume: string } } };
      told.push(as.answers.resume);
      const body = { order: 'resume', reason: 'known', shown };
      await askEndpoint(clients, it.pipeline(environment), { method: 'POST', path, body });
    };
    let said: Promise<unknown> = Promise.resolve();
    const end = cloud.inbox.on(({ subject = '', body }) => {
      const run = /^Run (\S+), /m.exec(body)?.[1];
      if (!subject.startsWith('Held: ') || run === undefined) return;
      said = it.clock.busy(resume(`/runs/${run}/control`));
      said.catch(() => {});
    });
    const result = await it.run(environment, files);
    end();
    await said;
    return { result, told };
  };

  test('goes on with what was not started, once somebody says so, and leaves what has failed to the next run', async () => {
    await it.run('held', first);
    await it.sql('shop-held-2', 'tenant_2', 'ALTER TABLE items ADD name int');
    const { result, told } = await resuming('held', second);
    expect(told).toEqual([
      expect.stringContaining(
        '1 database of wave 2 was not begun or not finished, and has its turn now. If that goes well, the rollout goes on to its end: no other wave is left. What has failed stays as it is.',
      ),
    ]);
    expect(verdicts(result)).toEqual(['applied', 'failed', 'applied']);
    expect(result.status).toBe('FAILED');
    expect(await it.leaseOwner('held')).toBeUndefined();
    await it.sql('shop-held-2', 'tenant_2', 'ALTER TABLE items DROP COLUMN name');
    expect(verdicts(await it.run('held', second))).toEqual([null, 'applied', null]);
  }, 120_000);

  test('gets past a health check that never says well, wave by wave, and ends as a success of what was applied', async () => {
    const { result, told } = await resuming('unwell', first);
    expect(told).toEqual([
      'The rollout goes on with wave 2: 1 database in 1 wave is still to come. What has failed stays as it is.',
      'The rollout goes on to its end: no other wave is left. What has failed stays as it is.',
    ]);
    expect(verdicts(result)).toEqual(['applied', 'applied']);
    expect(result.status).toBe('SUCCEEDED');
    const { holds } = JSON.parse(await it.object('unwell', `runs/${result.run}/report.json`));
    expect(holds.map(({ reason }: { reason: string }) => reason)).toEqual([
      'the health check failed after wave 1: it broke down long ago',
      'the health check failed after wave 2: it broke down long ago',
    ]);
  }, 120_000);
});

describe('an alarm while a wave bakes', () => {
  test('halts the rollout, which is taken back by itself', async () => {
    const { deployed } = it;
    const { endpoint, place } = deployed.cloud;
    const before = await it.run('watched', first);
    const client = new CloudWatchClient({
      ...{ endpoint, region: place.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const ring = (StateValue: 'ALARM' | 'OK') =>
      client.send(new SetAlarmStateCommand({ AlarmName: 'checkout-errors', StateValue, StateReason: 'a test' }));
    // It comes and goes while the first wave is at work, between two looks.
    const slowly = { ...second, '3_wait.up.sql': 'SELECT pg_sleep(8);', '3_wait.down.sql': 'SELECT 1;' };
    const result = await it.run('watched', slowly, {
      on: ({ event }) => {
        if (event === 'planned') void sleep(4_000).then(() => ring('ALARM').then(() => ring('OK')));
      },
    });
    expect(verdicts(result)).toEqual(['applied', 'skipped']);
    expect(result.failure).toMatchObject({ error: 'RolloutHalted', cause: expect.stringContaining('checkout-errors') });

    const executionArn = `${result.execution}-revert`;
    await expect
      .poll(async () => (await deployed.clients.sfn.send(new DescribeExecutionCommand({ executionArn }))).status, {
        timeout: 90_000,
      })
      .toBe('SUCCEEDED');
    const report = JSON.parse(await it.object('watched', `runs/${result.run}-revert/report.json`));
    expect(report.databases.map((it: { reverted: string[] }) => it.reverted)).toEqual([['3', '2'], []]);
    expect(fingerprints(report)).toEqual(fingerprints(before));
  }, 180_000);
});

describe("a health check of the user's own", () => {
  test('is asked after each wave, and halts the rollout for the reason that it gives', async () => {
    const result = await it.run('checked', first);
    expect(verdicts(result)).toEqual(['applied', 'applied', 'skipped']);
    expect(result.failure).toEqual({
      error: 'RolloutHalted',
      cause: 'the health check failed after wave 2: orders fail after wave 2',
    });
  });
});
