import type { Happening } from '../../lib/cli/progress.ts';
import type { Phase } from '../../lib/cli/run-phase.ts';
import type { Plan } from '../../lib/fleet/plan.ts';
import type { PlannedWave } from '../../lib/fleet/rollout.ts';
import type { Verdict } from '../../lib/ledger/runs.ts';
import { verdict } from '../fleet/samples.ts';

export const wave = (number: number, more: Partial<PlannedWave> = {}): PlannedWave => ({
  ...{ wave: number, name: number === 1 ? 'canary' : 'rest', clusters: 1, databases: 1, concurrency: 10 },
  ...{ budget: 0, bake: 0, ...more },
});

/** A plan of one migration for these waves; each database is in a cluster of its own: `c1/d`, `c2/d` … */
export const planOf = (...waves: PlannedWave[]): Plan => {
  const cut = waves.flatMap(({ wave, databases }) => Array.from({ length: databases }, () => wave));
  return {
    ...{ service: 'orders', environment: 'production', digest: 'd', direction: 'up', revert: null },
    restorePoint: { kind: 'snapshot', keepFor: 30 } as never,
    ...{ policy: 'p', fleet: 'f', version: '0' },
    rollout: { waves, onHalt: 'hold', alarms: [], healthCheck: false, canRevert: true, biggest: null },
    migrations: [{ id: '1', file: '1_it.sql', mode: 'transactional', risk: 'low', reason: '', databases: cut.length }],
    databases: cut.map((wave, at) => ({
      ...{ cluster: `c${at + 1}`, database: 'd', wave, applied: 0, pending: ['1'] },
      ...{ fingerprint: 'x', head: 'x', server: 170009 },
    })),
  };
};

const environment = 'production';

/** What one is told of a run, shortly written. */
export const happened = {
  started: (): Happening => ({ event: 'started', environment, run: 'run-1', execution: 'arn' }),
  planned: (...waves: PlannedWave[]): Happening => ({ event: 'planned', environment, plan: planOf(...waves) }),
  phase: (phase: Phase): Happening => ({ event: 'phase', environment, phase }),
  wave: (number: number, more: object = {}): Happening =>
    happened.phase({
      ...{ phase: 'wave', wave: number, again: false, since: '2026-01-05T09:00:00.000Z', mapRun: 'arn', ...more },
    }),
  database: (number: number, more: Partial<Verdict> = {}): Happening => ({
    ...{ event: 'database', environment, verdict: verdict(`c${number}`, 'd', { applied: ['1'], ...more }) },
  }),
  restorePoint: (number: number): Happening => {
    const cluster = `c${number}`;
    const point = { kind: 'pointInTime' as const, cluster, resourceId: 'r', at: '2026-01-05T09:00:00.000Z' };
    return { event: 'restorePoint', environment, restorePoint: point };
  },
  arriving: (...missing: string[]): Happening => ({ event: 'arriving', environment, missing }),
  parked: (): Happening => ({
    ...{ event: 'parked', environment },
    parked: {
      ...{ at: '2026-01-05T09:00:00.000Z', until: '2026-01-06T01:00:00.000Z', wave: 2, name: 'rest' },
      ...{ shown: 'Tuesday 6 January 2026, 02:00 Europe/Berlin', reason: 'its window is closed at \u001b[2Jthis hour' },
    },
  }),
  paused: (): Happening => ({
    ...{ event: 'control', environment },
    control: { state: 'paused', by: 'Ada', reason: 'the shop is slow', at: '2026-01-05T09:00:00.000Z' },
  }),
  looked: (at: string, atWork: { running: number; pending: number; concurrency: number } | null = null): Happening => ({
    ...{ event: 'looked', environment, at: new Date(at), atWork },
  }),
  ended: (): Happening => ({
    ...{ event: 'ended', environment },
    result: {
      ...{
        environment,
        status: 'FAILED',
        run: 'run-1',
        execution: 'arn',
        revert: null,
        revertedBy: null,
        planDigest: null,
      },
      failure: { error: 'MigrationFailed', cause: 'c2/d: no' },
      ...{
        approvals: [],
        holds: [],
        differences: null,
        drift: [],
        databases: [],
        unfit: [],
        stateTransitions: null,
        dataApiCalls: 7,
        seconds: 61,
      },
    },
  }),
};

export const failed: Partial<Verdict> = {
  verdict: 'failed',
  failure: {
    ...{ migration: '1', file: '1_it.sql', statement: 1, line: 1, sqlstate: '42703' },
    message: 'column "worth" does not exist\nDETAIL: more',
  },
};
