import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DisableHttpEndpointCommand, EnableHttpEndpointCommand, RDSClient } from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import type { DriftReport } from '../../lib/fleet/drift/report.ts';
import { folderOf } from '../helpers/folder.ts';
import { commands } from './commands.ts';
import { stage } from './stage.ts';

const it = stage({}, { app: 'test/e2e/drift' });

const first = {
  '1_items.sql': 'CREATE TABLE items (id int PRIMARY KEY, name text);',
  '2_index.sql': 'CREATE INDEX items_name ON items (name);',
};
const second = { ...first, '3_price.sql': 'ALTER TABLE items ADD price int;' };
const third = { ...second, '4_stock.sql': 'ALTER TABLE items ADD stock int;' };

const lockstep = (...line: string[]) => commands(it).as(null, ...line);

const drift = async (environment: string, ...more: string[]): Promise<DriftReport & { exitCode: number }> => {
  const { stdout, exitCode } = await lockstep('drift', environment, ...more, '--json');
  return { ...JSON.parse(stdout), exitCode };
};

const mails = () => it.deployed.cloud.inbox.messages().filter(({ subject }) => subject?.startsWith('Drift'));

/** What is found, without the times. */
const told = ({ findings }: DriftReport) =>
  findings.map(({ kind, databases, objects, why }) => ({
    kind,
    databases: databases.map(({ database }) => database),
    objects: objects?.map((one) => `${one.object} ${one.is}`) ?? null,
    why,
  }));

const switchDataApi = async (cluster: string, on: boolean) => {
  const { endpoint, place } = it.deployed.cloud;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const rds = new RDSClient({ endpoint, region: place.region, credentials });
  const ResourceArn = `arn:aws:rds:us-east-1:000000000000:cluster:${cluster}`;
  await rds.send(on ? new EnableHttpEndpointCommand({ ResourceArn }) : new DisableHttpEndpointCommand({ ResourceArn }));
};

const hotfix = ['shop-strict-2', 'tenant_14'] as const;
const dropped = ['shop-strict-4', 'tenant_40'] as const;

// These tests tell one story, in this order, of fifty tenants.
describe('a fleet of fifty tenants', () => {
  test('is as it should be after a run; each database is looked at by one call', async () => {
    // The clusters' first backups come a while after the clusters.
    await it.clock.sleep(3_600_000);
    expect((await it.run('strict', first)).failure).toBeNull();
    const before = it.deployed.cloud.dataApiCalls();
    const report = await drift('strict');
    expect(report).toMatchObject({ exitCode: 0, databases: 50, alike: 50, findings: [], problems: [] });
    expect(it.deployed.cloud.dataApiCalls() - before).toBe(50);
  });

  test('that was changed by hand here and there is told object by object, and since when', async () => {
    await switchDataApi('shop-strict-5', false);
    expect((await it.run('strict', second)).failure).toBeNull();
    await switchDataApi('shop-strict-5', true);
    const looked = it.clock.now().getTime();
    await it.clock.sleep(3_600_000);
    await it.sql(...hotfix, 'CREATE INDEX by_hand ON items (price)');
    await it.sql(...dropped, 'DROP INDEX items_name');
    const before = it.deployed.cloud.dataApiCalls();
    const report = await drift('strict');
    expect(told(report)).toEqual([
      {
        kind: 'changed',
        databases: ['shop-strict-2/tenant_14'],
        objects: ['index public.by_hand not expected'],
        why: null,
      },
      {
        kind: 'changed',
        databases: ['shop-strict-4/tenant_40'],
        objects: ['index public.items_name missing'],
        why: null,
      },
      { kind: 'migrations', databases: ['shop-strict-5/tenant_50'], objects: null, why: 'lacks migration 3' },
    ]);
    expect(report).toMatchObject({ exitCode: 1, databases: 50, alike: 47 });
    expect(report.findings[0]).toMatchObject({
      objects: [{ expected: null, found: 'CREATE INDEX by_hand ON public.items USING btree (price)' }],
    });
    // Not seen when the run looked at it last, an hour ago.
    const [since] = report.findings[0]!.databases;
    // It may be some milliseconds before: that is no minus zero.
    const minutes = (at: string | null) => Math.round((Date.parse(at ?? '') - looked) / 60_000) + 0;
    expect([minutes(since!.after), minutes(since!.seen)]).toEqual([0, 60]);
    // One for each database; two schemas and two histories.
    expect(it.deployed.cloud.dataApiCalls() - before).toBe(54);
  });

  test('is told to people once, and found again with the time of the first', async () => {
    expect(mails()).toHaveLength(1);
    expect(mails()[0]).toMatchObject({ subject: 'Drift: shop strict, 3 of 50 databases' });
    expect(mails()[0]?.body).toContain(
      '1 database (shop-strict-2/tenant_14) was changed, though no migration has run (between',
    );
    const last = await drift('strict', '--last');
    await it.clock.sleep(3_600_000);
    const again = await drift('strict');
    expect(again.findings.map(({ databases }) => databases)).toEqual(last.findings.map(({ databases }) => databases));
    expect(mails()).toHaveLength(1);
  });

  test('is not migrated while there is drift that nobody has accepted', async () => {
    const { failure, databases } = await it.run('strict', third);
    expect(failure).toMatchObject({ error: 'DriftFound' });
    expect(failure?.cause).toContain(
      '1 database (shop-strict-2/tenant_14) was changed, though no migration has run: has index public.by_hand besides',
    );
    expect(databases).toEqual([]);
  });

  test('is mended by hand with the SQL that is proposed', async () => {
    const { stdout, exitCode } = await lockstep('drift', 'repair', 'strict', 'tenant_40');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      '\nCREATE INDEX CONCURRENTLY IF NOT EXISTS items_name ON public.items USING btree (name);\n',
    );
    for (const sql of statementsOf(stdout)) await it.sql(...dropped, sql);
    expect(told(await drift('strict')).map(({ databases }) => databases)).toEqual([
      ['shop-strict-2/tenant_14'],
      ['shop-strict-5/tenant_50'],
    ]);
  });

  test('gets what one of them has by a migration that accepts it', async () => {
    const folder = await folderOf(third);
    const { stdout, exitCode } = await lockstep('drift', 'accept', 'strict', 'tenant_14', '--dir', folder);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(join(folder, '5_accept_drift_of_tenant_14.sql'))]);
    const file = await readFile(join(folder, '5_accept_drift_of_tenant_14.sql'), 'utf8');
    expect(file).toMatch(/^-- lockstep: accepts-drift=[0-9a-f]{64}\n/);
    expect((await lockstep('check', folder)).exitCode).toBe(0);
    const result = await it.run('strict', { ...third, '5_accept_drift_of_tenant_14.sql': file });
    expect(result.failure).toBeNull();
    expect(result.drift).toEqual([expect.stringContaining('5_accept_drift_of_tenant_14.sql accepts that')]);
    expect(await drift('strict')).toMatchObject({ exitCode: 0, alike: 50, findings: [] });
    expect(await it.sql('shop-strict-1', 'tenant_1', "SELECT to_regclass('by_hand') IS NOT NULL")).toBe(true);
  });
});

/** A script's statements, which are sent one by one. */
const statementsOf = (script: string): string[] =>
  script
    .replace(/^--.*$/gm, '')
    .split(/;\n/)
    .map((sql) => sql.trim())
    .filter(Boolean);

describe('an environment with a schedule', () => {
  test('is looked at every night, when it is five where it says', async () => {
    await it.run('nightly', first);
    await it.sql('shop-nightly-2', 'tenant_2', 'ALTER TABLE items ADD note text');
    const before = mails().length;
    await it.clock.sleep(86_400_000);
    expect(mails().slice(before)).toMatchObject([
      { subject: 'Drift: shop nightly, 1 of 3 databases', body: expect.stringContaining('column public.items.note') },
    ]);
    const { endedAt } = await drift('nightly', '--last');
    const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
    expect(time.format(new Date(endedAt))).toBe('05:00');
  });

  test('warns of drift and goes on', async () => {
    const result = await it.run('nightly', second);
    expect(result.drift).toEqual([
      '1 database (shop-nightly-2/tenant_2) was changed, though no migration has run: has column public.items.note besides',
    ]);
    expect(result.databases.map(({ verdict }) => verdict)).toEqual(['applied', 'applied', 'applied']);
    // By the others it is told apart from now on.
    expect(told(await drift('nightly'))).toMatchObject([
      { kind: 'different', objects: ['column public.items.note not expected'] },
    ]);
  });
});
