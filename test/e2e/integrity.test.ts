import { expect, test } from 'vitest';
import { stage } from './stage.ts';

const it = stage();

const files = {
  '001_customers.sql': 'CREATE TABLE customers (id int PRIMARY KEY, mail text);',
  '002_rows.sql': "INSERT INTO customers VALUES (1, 'ada@example.com'), (2, NULL);",
};

const unnamed = { 'verify/customers_have_mail.sql': 'SELECT * FROM customers WHERE mail IS NULL' };

test('rows that a check finds fail the database by name, with their number and not with what is in them', async () => {
  const { status, databases } = await it.run('staging', { ...files, ...unnamed });
  expect(status).toBe('FAILED');
  const [first] = databases;
  expect(first).toMatchObject({ verdict: 'failed' });
  expect(first!.failed?.message).toBe('verify/customers_have_mail.sql finds 1 row');
});

test('a run goes on where the check holds, and takes no rows out that the file does not name', async () => {
  const mended = { ...files, ...unnamed, '003_mails.sql': "UPDATE customers SET mail = '' WHERE mail IS NULL;" };
  expect(await it.run('staging', mended)).toMatchObject({ status: 'SUCCEEDED' });
  const purge = { ...mended, '004_purge.sql': "DELETE FROM customers WHERE mail = '';" };
  const refused = await it.run('staging', purge);
  expect(refused.status).toBe('FAILED');
  expect(refused.databases[0]!.failed).toMatchObject({
    ...{ migration: '004', sqlstate: '23000' },
    message: expect.stringMatching(/^public\.customers would lose 1 row, .* -- lockstep: loses-rows=customers$/),
  });
  const said = { ...mended, '004_purge.sql': `-- lockstep: loses-rows=customers\n${purge['004_purge.sql']}` };
  expect(await it.run('staging', said)).toMatchObject({ status: 'SUCCEEDED' });
});

test('what must hold before is looked at in each database before anything is applied there', async () => {
  const more = {
    ...files,
    '003_mails.sql': "UPDATE customers SET mail = '' WHERE mail IS NULL;",
    '004_purge.sql': "-- lockstep: loses-rows=customers\nDELETE FROM customers WHERE mail = '';",
    '005_next.sql': 'CREATE TABLE next ();',
    'verify/nobody_is_ada.sql': "-- lockstep: before\nSELECT * FROM customers WHERE mail LIKE 'ada@%'",
  };
  const { status, databases } = await it.run('staging', more);
  expect(status).toBe('FAILED');
  expect(databases[0]!.failed?.message).toMatch(/^nothing was applied, .*: verify\/nobody_is_ada\.sql finds 1 row$/);
  expect(await it.sql('orders-staging-1', 'acme', "SELECT to_regclass('next') IS NULL")).toBe(true);
});
