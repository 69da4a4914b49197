import { expect, it } from 'vitest';
import { resolveView } from '../../lib/cli/resolve-view.ts';
import { changeOf, type Verdict } from '../../lib/database/resolve.ts';
import { bundle as build } from '../../lib/migrations/build.ts';
import { folderOf } from '../helpers/folder.ts';
import { doubtful, entry } from './in-doubt-entry.ts';

const target = { cluster: 'orders-1', clusterArn: 'arn', secretArn: 'secret', database: 'acme' };

const viewOf = async (as: Verdict['as'], calls: number) => {
  const folder = await folderOf({
    '0001_create.sql': 'CREATE TABLE one (id int);',
    '0007_send_mails.sql': Array.from({ length: calls }, (_, at) => `CALL send_mails(${at + 1});`).join('\n'),
    '0008_after.sql': 'CREATE TABLE after (id int);',
  });
  const { bundle } = await build(folder);
  const history = [entry({ checksum: bundle.migrations[0]!.checksum }), doubtful()];
  const change = changeOf('orders-1/acme', '0007', bundle.migrations, history, { as });
  return resolveView(target, change, history, bundle, false);
};

it('shows that a statement which took effect is passed, and what comes next', async () => {
  const text = await viewOf('applied', 3);
  expect(text).toContain('orders-1/acme  statement 2 of 0007 send_mails, to be marked as applied');
  expect(text).toMatch(/^state +in doubt +failed$/m);
  expect(text).toMatch(/^statements done +1 +2$/m);
  expect(text).toContain('History would say: to be continued after statement 2, as resolved.');
  expect(text).toContain('The next run would go on with 0007_send_mails.sql.');
});

it('shows that a statement which did not take effect is sent again', async () => {
  const text = await viewOf('not applied', 3);
  expect(text).toMatch(/^statements done +1 +1$/m);
  expect(text).toContain('History would say: statement 2 is to be sent again, as resolved.');
  expect(text).not.toContain('--done says otherwise');
});

it('shows that the migration is applied where its last statement took effect', async () => {
  const text = await viewOf('applied', 2);
  expect(text).toMatch(/^state +in doubt +applied$/m);
  expect(text).toContain('The next run would go on with 0008_after.sql.');
});
