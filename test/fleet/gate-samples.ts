import type { Findings, Standing } from '../../lib/fleet/gate.ts';
import type { PlannedRollout } from '../../lib/fleet/rollout.ts';

/** The canary, or the rest: one failure may be. */
export const wave = (number: number, more = {}) => ({
  ...{ wave: number, name: number === 1 ? 'canary' : 'rest', clusters: 1, databases: 10, concurrency: 10, budget: 1 },
  ...{ bake: 0, key: `waves/${number}.json`, version: `v${number}` },
  ...more,
});
/** Two waves, and nothing that halts them but failures and an alarm. */
export const rollout = (more: Partial<PlannedRollout> = {}): PlannedRollout => ({
  waves: [wave(1), wave(2)],
  onHalt: 'stop',
  alarms: ['latency'],
  healthCheck: false,
  canRevert: true,
  ...more,
});
/** After that wave, of which nothing was said. */
export const behind = (at: number, more: Partial<Standing> = {}): Standing => ({
  at,
  began: at === 0 ? null : '2026-01-05T10:00:00.000Z',
  ended: at === 0 ? null : '2026-01-05T10:05:00.000Z',
  again: false,
  health: null,
  holds: 0,
  answer: null,
  pardoned: { failed: 0, since: null },
  ...more,
});
/** At the moment in which the wave has ended. */
export const found = (more: Partial<Findings> = {}): Findings => ({
  now: new Date('2026-01-05T10:05:00Z'),
  failed: 0,
  broken: 0,
  control: { state: 'going', by: null, reason: '', at: null },
  alarms: [],
  ...more,
});
/** Went on while the wave was at work. */
export const alarm = { name: 'latency', since: '2026-01-05T10:02:00.000Z' };
/** What Ada says to a rollout that is held. */
export const answered = (decision: 'resume' | 'revert' | 'abandon') => ({
  decision,
  by: 'Ada',
  reason: 'looked at it',
});
