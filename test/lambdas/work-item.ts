import { digest } from '../../lib/migrations/digest.ts';
import { migration, run, statement } from '../fleet/samples.ts';

/** What the state machine hands to Apply, Verify and RecordFailure; `002` and `003` are pending. */
export const bundle = {
  format: 1 as const,
  migrations: [
    migration('001'),
    migration('002', { up: [statement('CREATE TABLE a ()'), statement('CREATE TABLE b ()', { line: 5 })] }),
    migration('003'),
  ],
};

export const planned = { database: 'orders', applied: 1, installed: true, blemishes: ['public.old_idx'] };

export const item = (more: object = {}) => ({
  run: run({ digest: digest(bundle) }),
  wave: 1,
  cluster: { cluster: 'a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: [planned] },
  snapshot: 'lockstep-a',
  database: planned,
  polls: 0,
  ...more,
});
