import { describe, expect, it } from 'vitest';
import { gate, type Standing } from '../../lib/fleet/gate.ts';
import { alarm, answered, behind, found, rollout, wave } from './gate-samples.ts';

describe('a rollout', () => {
  it('goes from wave to wave, and then all databases are compared', () => {
    expect(gate(rollout(), behind(0), found())).toMatchObject({ next: 'wave', wave: { wave: 1 }, again: false });
    expect(gate(rollout(), behind(1), found())).toMatchObject({ next: 'wave', wave: { wave: 2 }, again: false });
    expect(gate(rollout(), behind(2), found())).toEqual({ next: 'converge' });
  });

  it('goes on as long as no more databases failed than may', () => {
    expect(gate(rollout(), behind(1), found({ failed: 1 }))).toMatchObject({ next: 'wave' });
    expect(gate(rollout(), behind(1), found({ failed: 2 }))).toEqual({
      next: 'halt',
      error: 'RolloutHalted',
      reason: '2 databases failed in wave 1 (canary), and 1 may',
      revert: false,
    });
  });

  it('goes no further after clusters broke off without a word, whatever the budget', () => {
    const lax = rollout({ waves: [wave(1, { budget: 10 }), wave(2)] });
    expect(gate(lax, behind(1), found({ broken: 1 }))).toMatchObject({
      next: 'halt',
      reason: /broke off without a word/,
    });
  });

  it('is not begun while an alarm is on', () => {
    expect(gate(rollout(), behind(0), found({ alarms: [alarm] }))).toMatchObject({
      next: 'halt',
      reason: 'an alarm is or was on: latency (2026-01-05T10:02:00.000Z)',
    });
  });
});

describe('a wave that bakes', () => {
  const baking = rollout({ waves: [wave(1, { bake: 900 }), wave(2)] });

  it('is looked at once a minute until it is done', () => {
    expect(gate(baking, behind(1), found())).toEqual({
      next: 'bake',
      wave: 1,
      seconds: 60,
      until: '2026-01-05T10:20:00.000Z',
    });
    const later = new Date('2026-01-05T10:19:30Z');
    expect(gate(baking, behind(1), found({ now: later }))).toMatchObject({ next: 'bake', seconds: 30 });
    expect(gate(baking, behind(1), found({ now: new Date('2026-01-05T10:20:00Z') }))).toMatchObject({ next: 'wave' });
  });

  it('halts the rollout by an alarm that is on or was', () => {
    expect(gate(baking, behind(1), found({ alarms: [alarm] }))).toMatchObject({ next: 'halt' });
  });

  it('is looked at so seldom that an execution has room for all looks', () => {
    const days = (waves: number) =>
      rollout({ waves: Array.from({ length: waves }, (_, at) => wave(at + 1, { bake: 604_800 })) });
    for (const waves of [1, 5, 50]) {
      const step = gate(days(waves), behind(1), found());
      const seconds = step.next === 'bake' ? step.seconds : 0;
      expect((waves * 604_800) / seconds).toBeLessThanOrEqual(1_200);
    }
  });

  it('is followed by the health check, once', () => {
    const checked = rollout({ healthCheck: true });
    expect(gate(checked, behind(1), found())).toEqual({ next: 'health', wave: 1 });
    expect(gate(checked, behind(1, { health: { healthy: true, reason: '' } }), found())).toMatchObject({
      next: 'wave',
    });
    expect(
      gate(checked, behind(1, { health: { healthy: false, reason: '5 % of orders fail' } }), found()),
    ).toMatchObject({
      next: 'halt',
      reason: 'the health check failed after wave 1: 5 % of orders fail',
    });
  });
});

describe('a rollout that is halted', () => {
  const failing = found({ failed: 2 });

  it('is taken back if the rules say so and every migration has a way back', () => {
    expect(gate(rollout({ onHalt: 'revert' }), behind(1), failing)).toMatchObject({ next: 'halt', revert: true });
    expect(gate(rollout({ onHalt: 'revert', canRevert: false }), behind(1), failing)).toMatchObject({
      next: 'hold',
      hold: { number: 1, wave: 1, canRevert: false, reason: expect.stringContaining("It can't be taken back") },
    });
  });

  it('has nothing to take back before its first wave', () => {
    const step = gate(rollout({ onHalt: 'revert' }), behind(0), found({ alarms: [alarm] }));
    expect(step).toMatchObject({ next: 'halt', revert: false });
  });

  it('is held for a person, who has the last word', () => {
    const held = rollout({ onHalt: 'hold' });
    expect(gate(held, behind(1, { holds: 1 }), failing)).toMatchObject({
      next: 'hold',
      hold: { number: 2, canRevert: true },
    });
    expect(gate(held, behind(1, { answer: answered('abandon') }), failing)).toEqual({
      ...{ next: 'halt', error: 'Abandoned', reason: 'Ada abandoned it: looked at it', revert: false },
    });
    expect(gate(held, behind(1, { answer: answered('revert') }), failing)).toMatchObject({
      next: 'halt',
      revert: true,
    });
  });
});

describe('a rollout that somebody has paused', () => {
  const at = '2026-01-05T10:04:00.000Z';
  const paused = found({ control: { state: 'paused', by: 'Ada', reason: 'lunch', at } });

  it('is held after whichever wave, since databases of it may have been passed over', () => {
    for (const at of [1, 2]) {
      expect(gate(rollout(), behind(at), paused)).toMatchObject({
        next: 'hold',
        hold: { wave: at, reason: 'paused by Ada: lunch' },
      });
    }
  });

  it('and let go again during the wave takes that up once more, and once', () => {
    const going = found({ control: { state: 'going', by: 'Ada', reason: '', at } });
    const standing = behind(1, { pardoned: { failed: 1, since: null } });
    expect(gate(rollout(), standing, going)).toMatchObject({
      ...{ next: 'wave', wave: { wave: 1 }, again: true, pardoned: { failed: 1, since: null } },
    });
    const again = { ...standing, again: true, began: '2026-01-05T10:04:00.001Z' };
    expect(gate(rollout(), again, going)).toMatchObject({ next: 'wave', wave: { wave: 2 }, again: false });
    expect(gate(rollout(), standing, { ...going, failed: 9 })).toMatchObject({ next: 'halt' });
  });

  it('and abandoned by nobody, since time is up, says so', () => {
    const control = { state: 'abandoned' as const, by: 'nobody', reason: 'nobody decided before noon', at };
    expect(gate(rollout(), behind(1), found({ control }))).toMatchObject({
      ...{ next: 'halt', error: 'Abandoned', reason: 'abandoned, since nobody decided before noon' },
    });
  });

  it('and abandoned goes no further', () => {
    const control = { state: 'abandoned' as const, by: 'Ada', reason: 'wrong bundle', at };
    expect(gate(rollout(), behind(1), found({ control }))).toMatchObject({
      next: 'halt',
      error: 'Abandoned',
      revert: false,
    });
  });
});

describe('a rollout that was let go on and has been parked since', () => {
  const since = '2026-01-05T12:00:00.000Z';
  const parked = (more: Partial<Standing> = {}) =>
    behind(1, { answer: { ...answered('resume'), since }, health: { healthy: false, reason: 'slow' }, ...more });
  const now = new Date('2026-01-06T02:00:00Z');

  it('goes on with what was left, and pardons what was there when somebody said so', () => {
    expect(gate(rollout(), parked(), found({ now, failed: 5, broken: 1, alarms: [alarm] }))).toMatchObject({
      ...{ next: 'wave', again: true, pardoned: { failed: 5, since } },
    });
  });

  it('does not, if an alarm went on meanwhile, or somebody has paused or abandoned it', () => {
    const later = { name: 'latency', since: '2026-01-05T18:00:00.000Z' };
    expect(gate(rollout(), parked(), found({ now, alarms: [later] }))).toMatchObject({ next: 'halt' });
    const said = (state: 'paused' | 'abandoned') =>
      found({ now, control: { state, by: 'Ada', reason: 'no', at: '2026-01-05T10:04:00.000Z' } });
    expect(gate(rollout(), parked(), said('paused'))).toMatchObject({ next: 'hold' });
    expect(gate(rollout(), parked(), said('abandoned'))).toMatchObject({ next: 'halt', error: 'Abandoned' });
  });
});
