import { digest, sha256 } from '../../lib/migrations/digest.ts';
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

/** The same with a way back, and a run that takes back what `run-0` applied. */
export const reversible = {
  ...bundle,
  migrations: bundle.migrations.map((it) => ({
    ...it,
    down: {
      ...{ file: `${it.id}.down.sql`, checksum: sha256('down'), mode: 'transactional' as const },
      statements: [statement(`DROP TABLE t${it.id}`)],
    },
  })),
};

export const back = { ...run({ digest: digest(reversible) }), direction: 'down', revert: 'run-0' };

/** A row of a database's history, as all of it is read. */
export const entry = (migration: string, run: string, more: object = {}) => ({
  ...{ migration, position: Number(migration), name: 'x', checksum: sha256(migration), mode: 'transactional' },
  ...{ state: 'applied', step: 1, prefix: null, ordinal: Number(migration), timings: [], milliseconds: 0 },
  ...{ failure: null, run, appliedBy: 'admin', startedAt: '2026-01-05T09:00:00Z', finishedAt: null, version: 'v' },
  ...more,
});

export const planned = { database: 'orders', applied: 1, late: [], installed: true, blemishes: ['public.old_idx'] };

export const item = (more: object = {}) => ({
  run: run({ digest: digest(bundle) }),
  wave: { wave: 1, budget: 0, pardoned: 0, again: false },
  cluster: { cluster: 'a', clusterArn: 'arn:a', secretArn: 'secret-a', databases: [planned] },
  snapshot: 'lockstep-a',
  database: planned,
  polls: 0,
  ...more,
});
