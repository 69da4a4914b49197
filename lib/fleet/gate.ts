import * as z from 'zod';
import { type Control, NOBODY } from '../ledger/control.ts';
import type { Hold } from '../ledger/hold.ts';
import type { Park } from '../ledger/parked.ts';
import type { PlannedRollout, WaveManifest } from './rollout.ts';

/** What a person answered to a rollout that was held. */
const HoldAnswer = z.object({
  decision: z.enum(['resume', 'revert', 'abandon']),
  by: z.string(),
  reason: z.string(),
  /** When that was, where the rollout is parked since: what comes up meanwhile is no part of it. */
  since: z.string().optional(),
});

/** Where a rollout stands, as the state machine remembers it between two looks. */
export const Standing = z.strictObject({
  /** Number of the wave that was carried out last; 0 before the first. */
  at: z.number(),
  /** When that wave began and ended; null before the first. */
  began: z.string().nullable(),
  ended: z.string().nullable(),
  /** Whether it was taken up once more, after somebody said resume. */
  again: z.boolean(),
  /** What the user's own check said of it; null while it has not been asked. */
  health: z.object({ healthy: z.boolean(), reason: z.string() }).nullable(),
  /** Number of times that the rollout was held, and what was answered last; null where that was seen to already. */
  holds: z.number(),
  answer: HoldAnswer.nullable(),
  /** What a person has let pass: failures of the wave, and alarms and checks up to that moment. */
  pardoned: z.object({ failed: z.number(), since: z.string().nullable() }),
});

export type Standing = z.infer<typeof Standing>;

/** What is found when one looks. */
export type Findings = {
  now: Date;
  /** Databases of the wave that failed or are in doubt, and clusters whose execution broke without saying anything. */
  failed: number;
  broken: number;
  /** What holds of the run, and since when; null where nobody has said anything. */
  control: Pick<Control, 'state' | 'by' | 'reason' | 'at'>;
  /** Alarms that are on, or were since the wave began. */
  alarms: { name: string; since: string }[];
};

/** What comes next. */
export type Step =
  | { next: 'wave'; wave: WaveManifest; again: boolean; pardoned: Standing['pardoned'] }
  | { next: 'bake'; wave: number; seconds: number; until: string }
  | { next: 'park'; park: Park; answer: Standing['answer'] }
  | { next: 'health'; wave: number }
  | { next: 'hold'; hold: Pick<Required<Hold>, 'number' | 'wave' | 'reason' | 'canRevert' | 'onward'> }
  | { next: 'halt'; reason: string; error: 'RolloutHalted' | 'Abandoned' | 'OutsideWindow'; revert: boolean }
  | { next: 'converge' };

/**
 * Decides what a rollout does next: before its first wave, after each, and while one bakes. Nothing is decided by what
 * was seen before: whoever asks twice gets the same answer.
 */
export const gate = (rollout: PlannedRollout, standing: Standing, found: Findings): Step => {
  const { at, holds, answer, pardoned } = standing;
  const wave = rollout.waves[at - 1];
  if (answer?.decision === 'abandon') return abandoned(answer);
  if (answer?.decision === 'revert') {
    return {
      next: 'halt',
      error: 'RolloutHalted',
      reason: `${answer.by} had it taken back: ${answer.reason}`,
      revert: true,
    };
  }
  const resumed = (since: string): Step => {
    const now = { failed: found.failed, since };
    if (wave === undefined || hadItsTurn(wave, standing, found, since)) return following(rollout, at, now);
    // What was not started, or not finished, has its turn now; what failed has had it.
    return { next: 'wave', wave, again: true, pardoned: now };
  };
  if (found.control.state === 'abandoned') return abandoned(found.control);
  if (answer && answer.since === undefined) return resumed(found.now.toISOString());
  const reason = answer ? alarming(found, answer.since ?? null) : trouble(wave, standing, found);
  const onward = wave === undefined || hadItsTurn(wave, standing, found, found.now.toISOString());
  if (reason !== null) return halted(rollout, { at, holds, reason, onward });
  if (found.control.state === 'paused') {
    const reason = `paused by ${found.control.by}${found.control.reason ? `: ${found.control.reason}` : ''}`;
    return { next: 'hold', hold: { number: holds + 1, wave: at, reason, canRevert: rollout.canRevert, onward } };
  }
  if (answer?.since !== undefined) return resumed(answer.since);
  // It was paused during the wave and goes on again since: what was passed over meanwhile has its turn now.
  if (wave && standing.began !== null && (found.control.at ?? '') > standing.began)
    return { next: 'wave', wave, again: true, pardoned };
  const baked = wave && standing.ended ? Date.parse(standing.ended) + wave.bake * 1_000 : 0;
  const left = Math.ceil((baked - found.now.getTime()) / 1_000);
  if (wave && left > 0) {
    const seconds = Math.min(left, pollOf(wave.bake, rollout.waves.length));
    return { next: 'bake', wave: at, seconds, until: new Date(baked).toISOString() };
  }
  if (wave && rollout.healthCheck && standing.health === null) return { next: 'health', wave: at };
  return following(rollout, at, { failed: 0, since: pardoned.since });
};

const abandoned = ({ by, reason }: { by: string | null; reason: string }): Step => ({
  next: 'halt',
  error: 'Abandoned',
  reason: by === NOBODY ? `abandoned, since ${reason}` : `${by} abandoned it${reason ? `: ${reason}` : ''}`,
  revert: false,
});

const following = (rollout: PlannedRollout, at: number, pardoned: Standing['pardoned']): Step => {
  const wave = rollout.waves[at];
  return wave ? { next: 'wave', wave, again: false, pardoned: { ...pardoned, failed: 0 } } : { next: 'converge' };
};

/**
 * Whether every database of the wave was begun, so that alarms and the health check are all that is let pass when people
 * say resume. To ask once more what they have decided about would hold the rollout in the same place for ever.
 */
const hadItsTurn = (wave: WaveManifest, standing: Standing, found: Findings, until: string): boolean => {
  const { state, at } = found.control;
  // A pause may have had databases passed over, or cut the bake short; one of later, while it is parked, did neither.
  const paused = at !== null && at <= until && (state !== 'going' || at > (standing.began ?? ''));
  return found.broken === 0 && found.failed - standing.pardoned.failed <= wave.budget && !paused;
};

/** Why a rollout goes no further, if it doesn't. */
const trouble = (wave: WaveManifest | undefined, standing: Standing, found: Findings): string | null => {
  const { failed, since } = standing.pardoned;
  if (wave && found.broken > 0) {
    return `${counted(found.broken, 'cluster')} of wave ${wave.wave} (${wave.name}) broke off without a word: look for their executions`;
  }
  if (wave && found.failed - failed > wave.budget) {
    return `${counted(found.failed, 'database')} failed in wave ${wave.wave} (${wave.name}), and ${wave.budget} may`;
  }
  const rings = alarming(found, since);
  if (rings !== null) return rings;
  if (standing.health?.healthy === false)
    return `the health check failed after wave ${standing.at}: ${standing.health.reason}`;
  return null;
};

/** What is said of alarms that went on after some moment. */
const alarming = (found: Findings, since: string | null): string | null => {
  const alarms = found.alarms.filter((it) => since === null || it.since > since);
  if (alarms.length === 0) return null;
  const names = alarms.map(({ name, since }) => `${name} (${since})`).join(', ');
  return alarms.length === 1 ? `an alarm is or was on: ${names}` : `alarms are or were on: ${names}`;
};

const halted = (rollout: PlannedRollout, it: { at: number; holds: number; reason: string; onward: boolean }): Step => {
  const { onHalt, canRevert } = rollout;
  if (onHalt === 'stop') return { next: 'halt', error: 'RolloutHalted', reason: it.reason, revert: false };
  if (onHalt === 'revert' && canRevert) {
    // Before the first wave there is nothing to take back.
    return { next: 'halt', error: 'RolloutHalted', reason: it.reason, revert: it.at > 0 };
  }
  const reason = onHalt === 'revert' ? `${it.reason}. It can't be taken back: a migration has no down file` : it.reason;
  return { next: 'hold', hold: { number: it.holds + 1, wave: it.at, reason, canRevert, onward: it.onward } };
};

/**
 * Seconds between two looks at a wave that bakes. A look is some ten events of the execution's history, which holds
 * 25,000: all waves together look 1,200 times at most. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const pollOf = (bake: number, waves: number): number => {
  const looks = Math.max(5, Math.min(60, Math.floor(1_200 / waves)));
  return Math.max(60, Math.ceil(bake / looks));
};

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;
