import { expect, it } from 'vitest';
import { consequence } from '../../../lib/approval/hold-words.ts';
import { rollout } from './held.ts';

const wave = (number: number, databases: number, verdicts: Record<string, number> = {}) => ({
  ...{ wave: number, databases, verdicts },
});
const done = wave(1, 2, { applied: 2 });
const stuck = wave(2, 3, { failed: 1, running: 1 });
const through = wave(2, 3, { applied: 2, failed: 1 });
const ahead = [wave(3, 60), wave(4, 118)];
const stays = 'What has failed stays as it is.';

it.each([
  [
    'what was not begun or not finished has its turn, and other waves follow',
    { waves: [done, stuck, ...ahead] },
    '2 databases of wave 2 were not begun or not finished, and have their turn now. If that goes well, the rollout goes on with wave 3: 178 databases in 2 waves are still to come.',
  ],
  [
    'the last wave is taken up, and none follows',
    { waves: [done, wave(2, 2, { failed: 1 })] },
    '1 database of wave 2 was not begun or not finished, and has its turn now. If that goes well, the rollout goes on to its end: no other wave is left.',
  ],
  [
    'nothing is left to begin, but bake and check are not done',
    { waves: [done, through, wave(3, 1)] },
    'Nothing of wave 2 is left to begin: it is looked at as after any wave, and if that goes well, the rollout goes on with wave 3: 1 database in 1 wave is still to come.',
  ],
  [
    'an alarm or a check is let pass, and the next wave follows',
    { waves: [done, through, ...ahead], onward: true },
    'The rollout goes on with wave 3: 178 databases in 2 waves are still to come.',
  ],
  [
    'an alarm or a check is let pass after the last wave',
    { waves: [done, through], onward: true },
    'The rollout goes on to its end: no other wave is left.',
  ],
  [
    'nothing was begun yet',
    { wave: 0, waves: ahead },
    'The rollout goes on with wave 3: 178 databases in 2 waves are still to come.',
  ],
])('people are told what resume does: %s', (_, more, sentences) => {
  expect(consequence(rollout(more), 'resume')).toBe(`${sentences} ${stays}`);
});
