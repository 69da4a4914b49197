import type { Run } from '../../lib/fleet/fleet.ts';
import type { InspectedCluster } from '../../lib/fleet/inspected.ts';
import type { Rollout } from '../../lib/fleet/rollout.ts';
import type { Verdict } from '../../lib/ledger/runs.ts';
import type { Bundle, Migration, Statement } from '../../lib/migrations/bundle.ts';
import { sha256 } from '../../lib/migrations/digest.ts';

/** One transactional statement, the first of its file unless said otherwise. */
export const statement = (sql: string, more: Partial<Statement> = {}): Statement => ({
  sql,
  line: 1,
  offset: 0,
  length: Buffer.byteLength(sql),
  kind: 'CreateStmt',
  transactional: true,
  ...more,
});

export const migration = (id: string, more: Partial<Migration> = {}): Migration => ({
  id,
  name: `step_${id}`,
  file: `${id}_step_${id}.sql`,
  checksum: sha256(id),
  mode: 'transactional',
  up: [statement(`CREATE TABLE t${id} ()`)],
  down: null,
  ...more,
});

export const bundleOf = (...ids: string[]): Bundle => ({ format: 1, migrations: ids.map((id) => migration(id)) });

/** A database that has the first `applied` migrations of its bundle. */
export const database = (
  name: string,
  applied = 0,
  more: Partial<InspectedCluster['databases'][number]> = {},
): InspectedCluster['databases'][number] => ({
  database: name,
  installed: applied > 0,
  fingerprint: sha256(`schema ${applied}`),
  head: sha256(`history ${applied}`),
  level: sha256(`level ${applied}`),
  server: 170009,
  blemishes: [],
  applied,
  late: [],
  taken: [],
  problems: [],
  dataApiCalls: 1,
  labels: {},
  bytes: 0,
  ...more,
});

export const cluster = (name: string, ...databases: InspectedCluster['databases']): InspectedCluster => ({
  cluster: name,
  clusterArn: `arn:aws:rds:eu-west-1:111111111111:cluster:${name}`,
  secretArn: `${name}-secret`,
  labels: {},
  problems: [],
  databases,
});

/** Waves of so many clusters each, and nothing that halts them but a failure. */
export const inWavesOf = (clusters: number, more: Partial<Rollout> = {}): Rollout => ({
  waves: [
    ...Array.from({ length: 40 }, () => ({ take: 'canary' as const, clusters, ...plainly })),
    { take: 'rest', ...plainly },
  ],
  onHalt: 'stop',
  alarms: [],
  healthCheck: false,
  ...more,
});

const plainly = { concurrency: 10, failureBudget: 0, bake: 0 };

export const run = (more: Partial<Run> = {}): Run => ({
  run: 'run-1',
  execution: 'arn:aws:states:eu-west-1:111111111111:execution:orders-production:run-1',
  digest: 'd'.repeat(64),
  token: 7,
  requestedBy: 'anna',
  startedAt: '2026-01-05T09:00:00.000Z',
  direction: 'up',
  decided: false,
  revert: null,
  ...more,
});

export const verdict = (cluster: string, database: string, more: Partial<Verdict> = {}): Verdict => ({
  cluster,
  database,
  verdict: 'applied',
  applied: [],
  reverted: [],
  failure: null,
  snapshot: `lockstep-${cluster}`,
  fingerprint: sha256('schema'),
  milliseconds: 12,
  dataApiCalls: 2,
  ...more,
});
