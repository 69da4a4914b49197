import { expect, it } from 'vitest';
import { requestMessage, resultMessage } from '../../lib/approval/message.ts';
import { makePlan } from '../../lib/fleet/plan.ts';
import { bundleOf, cluster, database, run } from '../fleet/samples.ts';
import { sampleBundle } from './harness.ts';

const options = { service: 'shop', environment: 'production', digest: 'd'.repeat(64), waveSize: 1 };
const at = { link: 'https://approve.example/approvals/id', expiresAt: '2026-01-05T10:00:00.000Z' };

it('asks in plain text what to approve, where, and until when', () => {
  const fleet = [cluster('a', database('orders', 1)), cluster('b', database('orders', 3), database('billing', 2))];
  const { plan } = makePlan(sampleBundle, fleet, options);
  expect(requestMessage(plan, run(), at)).toEqual({
    Subject: 'Approve shop production: 2 migrations',
    Message: `anna asks to migrate shop in production.

2 migrations for 2 databases in 2 clusters:
  high    002_drop_carts.sql (line 5 drops a table, schema or type with what it holds)
  low     003_index.sql

Read the SQL and decide here, before 2026-01-05T10:00:00.000Z:
https://approve.example/approvals/id

Opening the page decides nothing.
`,
  });
});

it('stays a mail that SNS takes, however many migrations there are', () => {
  const bundle = bundleOf(...Array.from({ length: 5_000 }, (_, n) => String(n).padStart(200, '0')));
  const { plan } = makePlan(bundle, [cluster('a', database('orders'))], options);
  const { Message } = requestMessage(plan, run(), at);
  expect(Buffer.byteLength(Message)).toBeLessThan(256 * 1024);
  expect(Message).toContain('5000 migrations for 1 database in 1 cluster:');
  expect(Message).toContain('  … and 4900 more\n');
});

const where = { service: 'shop', environment: 'production', run: 'run-1' };

it('tells of a success', () => {
  expect(resultMessage(where, { status: 'SUCCEEDED', failure: null, migrated: 1 })).toEqual({
    Subject: 'shop production: SUCCEEDED',
    Message: 'Run run-1 of shop in production ended: SUCCEEDED.\n1 database migrated.\n',
  });
});

it('tells of a failure why', () => {
  const failure = { error: 'LeaseHeld', cause: 'x has been at work' };
  expect(resultMessage(where, { status: 'FAILED', failure, migrated: null }).Message).toBe(
    'Run run-1 of shop in production ended: FAILED.\nHow many databases were migrated is not known.\n\nLeaseHeld: x has been at work\n',
  );
});
