import { expect, test } from 'vitest';
import { decideByPage } from '../../lib/cli/decide-by-page.ts';
import { runEnvironment } from '../../lib/cli/run-environment.ts';
import { bundle as build } from '../../lib/migrations/build.ts';
import type { Bundle } from '../../lib/migrations/bundle.ts';
import { digest } from '../../lib/migrations/digest.ts';
import { folderOf } from '../helpers/folder.ts';
import { stage } from './stage.ts';

const it = stage();

const files = {
  '1_items.up.sql': 'CREATE TABLE items (id bigint);',
  '1_items.down.sql': 'DROP TABLE items;',
  '2_open.sql': 'GRANT SELECT ON items TO PUBLIC;',
};

/** A run of a bundle as somebody has made it up, with a digest that fits. */
const runForged = async (change: (bundle: Bundle) => void) => {
  const forged: Bundle = structuredClone((await build(await folderOf(files))).bundle);
  change(forged);
  return runEnvironment(
    it.deployed,
    it.pipeline('staging'),
    { bundle: forged, digest: digest(forged) },
    () => {},
    () => {},
  );
};

const tables = () => it.sql('orders-staging-1', 'acme', "SELECT count(*)::int FROM pg_class WHERE relname = 'items'");

test('an error that lint finds refuses the plan before anything is touched', async () => {
  const result = await it.run('staging', files);
  expect(result.failure).toMatchObject({
    error: 'PlanRefused',
    cause: expect.stringContaining('2_open.sql:1:26 grant-to-public: grants to PUBLIC'),
  });
  expect(await tables()).toBe(0);
  expect(await it.leaseOwner('staging')).toBeUndefined();
});

test('a bundle whose findings were taken out is refused', async () => {
  const result = await runForged(({ migrations }) => void delete migrations[1]!.lint);
  expect(result.failure).toMatchObject({
    error: 'BundleForged',
    cause: expect.stringContaining('2_open.sql: other findings than its rules make'),
  });
  expect(await tables()).toBe(0);
});

test('a bundle that claims rules of another version is linted by ours', async () => {
  const result = await runForged((bundle) => {
    bundle.lint = { version: 99 };
    for (const migration of bundle.migrations) delete migration.lint;
  });
  expect(result.failure).toMatchObject({ error: 'PlanRefused', cause: expect.stringContaining('grant-to-public') });
});

test('a bundle that would execute something else than it shows is refused', async () => {
  const result = await runForged(({ migrations }) => {
    migrations[1]!.up[0]!.wire = 'GRANT ALL ON items TO PUBLIC';
  });
  expect(result.failure).toMatchObject({
    error: 'BundleForged',
    cause: expect.stringContaining('2_open.sql:1 executes something else than is shown'),
  });
  expect(await tables()).toBe(0);
});

test('with a reason it goes through, and approvers read the reason beside the warnings', async () => {
  const sound = {
    ...files,
    '2_open.sql': '-- lockstep allow grant-to-public: a public price list\nGRANT SELECT ON items TO PUBLIC;',
    '3_index.sql': 'CREATE INDEX items_id ON items (id);',
  };
  let page = '';
  const answer = async (link: string) => {
    page = await (await fetch(link)).text();
    await decideByPage(link, { decision: 'approved', environment: 'production', reason: '' });
  };
  expect((await it.run('staging', sound)).status).toBe('SUCCEEDED');
  expect((await it.run('production', sound, { answer })).status).toBe('SUCCEEDED');
  expect(page).toContain('a public price list');
  expect(page).toContain('builds an index while nobody can write to items');
  expect(page).toMatch(/1 warning, 1 excepted/);
});
