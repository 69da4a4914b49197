import { describe, expect, it } from 'vitest';
import { gate, type Standing } from '../../lib/fleet/gate.ts';
import { alarm, answered, behind, found, rollout, wave } from './gate-samples.ts';

const unwell = { healthy: false, reason: '5 % of orders fail' };
const paused = found({ control: { state: 'paused', by: 'Ada', reason: 'lunch', at: '2026-01-05T10:04:00.000Z' } });
/** As the pause reads once people have said resume. */
const going = found({ control: { state: 'going', by: 'Ada', reason: '', at: '2026-01-05T10:04:30.000Z' } });
const resumed = (at: number, more: Partial<Standing> = {}) => behind(at, { answer: answered('resume'), ...more });

describe('a rollout that is held, and resumed', () => {
  const held = rollout({ onHalt: 'hold', healthCheck: true });

  it('after its health check failed, goes on with the next wave, and is asked about that one', () => {
    const checked = behind(1, { health: unwell });
    expect(gate(held, checked, found())).toMatchObject({ next: 'hold', hold: { wave: 1, onward: true } });
    const step = gate(held, { ...checked, answer: answered('resume') }, found());
    expect(step).toMatchObject({ next: 'wave', wave: { wave: 2 }, again: false, pardoned: { failed: 0 } });
    expect(gate(held, behind(2), found())).toMatchObject({ next: 'health', wave: 2 });
  });

  it('after an alarm while a wave bakes, goes on with the next one, and the alarm counts anew from then on', () => {
    const baking = { ...held, waves: [wave(1, { bake: 900 }), wave(2)] };
    expect(gate(baking, behind(1), found({ alarms: [alarm] }))).toMatchObject({ next: 'hold', hold: { onward: true } });
    const now = new Date('2026-01-05T10:10:00Z');
    expect(gate(baking, resumed(1), found({ now, alarms: [alarm] }))).toMatchObject({
      ...{ next: 'wave', wave: { wave: 2 }, again: false, pardoned: { failed: 0, since: '2026-01-05T10:10:00.000Z' } },
    });
  });

  it('after its last wave, goes on to its end', () => {
    expect(gate(held, behind(2, { health: unwell }), found())).toMatchObject({ next: 'hold', hold: { onward: true } });
    expect(gate(held, resumed(2, { health: unwell }), found())).toEqual({ next: 'converge' });
    expect(gate(held, resumed(2), found({ alarms: [alarm] }))).toEqual({ next: 'converge' });
  });

  it('before its first wave, begins with that', () => {
    expect(gate(held, behind(0), found({ alarms: [alarm] }))).toMatchObject({ next: 'hold', hold: { onward: true } });
    expect(gate(held, resumed(0), found({ alarms: [alarm] }))).toMatchObject({ wave: { wave: 1 }, again: false });
  });

  it.each([
    ['too many have failed', found({ failed: 2 }), found({ failed: 2 })],
    ['executions broke off', found({ broken: 1 }), found({ broken: 1 })],
    ['it was paused', paused, going],
  ])('takes up what was not begun where %s, whatever else spoke against going on', (_, before, after) => {
    for (const more of [{}, { alarms: [alarm] }]) {
      expect(gate(held, behind(1), { ...before, ...more })).toMatchObject({ next: 'hold', hold: { onward: false } });
      expect(gate(held, resumed(1, { health: unwell }), { ...after, ...more })).toMatchObject({
        ...{ next: 'wave', wave: { wave: 1 }, again: true },
      });
    }
  });

  it('goes on with the next wave though somebody paused it while it was parked for that, and let it go', () => {
    const since = '2026-01-05T12:00:00.000Z';
    const parked = resumed(1, { health: unwell, answer: { ...answered('resume'), since } });
    const control = { state: 'going' as const, by: 'Ada', reason: '', at: '2026-01-05T18:00:00.000Z' };
    const now = new Date('2026-01-06T02:00:00Z');
    expect(gate(held, parked, found({ now, control }))).toMatchObject({ wave: { wave: 2 }, pardoned: { since } });
  });

  it('is resumed where it was: what was not started has its turn, and what has failed by now is let pass', () => {
    const held = rollout({ onHalt: 'hold' });
    const step = gate(held, resumed(1), found({ failed: 2 }));
    expect(step).toMatchObject({ next: 'wave', wave: { wave: 1 }, again: true, pardoned: { failed: 2 } });
    const pardoned = step.next === 'wave' ? step.pardoned : { failed: 0, since: null };
    expect(gate(held, behind(1, { pardoned }), found({ failed: 3, alarms: [alarm] }))).toMatchObject({
      wave: { wave: 2 },
    });
    expect(gate(held, behind(1, { pardoned }), found({ failed: 4 }))).toMatchObject({ next: 'hold' });
    const again = { ...alarm, since: '2026-01-05T10:06:00.000Z' };
    expect(gate(held, behind(1, { pardoned }), found({ alarms: [again] }))).toMatchObject({ next: 'hold' });
  });
});
