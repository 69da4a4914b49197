import pg from 'pg';
import { expect, test } from 'vitest';
import { runStatement } from '../../../lib/local/rds-data/statement.ts';

test('a statement on a connection that is gone already fails, instead of being waited for', async () => {
  const client = new pg.Client({ host: '127.0.0.1', port: 1 });
  void client.end().catch(() => undefined);
  const run = runStatement(client, 'SELECT 1', [], { maximumBytes: 1, overflow: () => undefined });
  await expect(run).rejects.toThrow(/not queryable/);
});
