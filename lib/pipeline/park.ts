import type { Catch, State } from './asl.ts';
import type { Invoke } from './invoke.ts';

/**
 * A rollout rests until the window of its next wave opens: a task that nobody has to answer, and that whoever abandons
 * the run or breaks the glass can wake. A Wait would cost as little and could not be woken.
 *
 * What was planned before it rested is planned once more before the first wave, and carried out only if it is the
 * same. A rollout that was held before its first wave is not: its holds are counted on from there.
 */
export const parkStates = (invoke: Invoke, toReport: Catch): Record<string, State> => ({
  Park: {
    ...invoke(
      'Park',
      { run: '{% $run %}', park: '{% $gate.park %}', taskToken: '{% $states.context.Task.Token %}' },
      { waitForTaskToken: true },
    ),
    Comment: 'until the window opens',
    TimeoutSeconds: '{% $gate.park.seconds %}',
    Assign: { woken: true },
    Output: {},
    Catch: [
      { ErrorEquals: ['States.Timeout'], Assign: { woken: false }, Output: {}, Next: 'StillAsPlanned' },
      toReport,
    ],
    Next: 'StillAsPlanned',
  },

  StillAsPlanned: {
    Type: 'Choice',
    Choices: [
      { Condition: '{% $at = 0 and $holds = 0 %}', Comment: 'not begun yet', Next: 'InspectFleet' },
      { Condition: '{% $woken %}', Comment: 'woken', Next: 'TellWhoWokeIt' },
    ],
    Default: 'Gate',
  },

  TellWhoWokeIt: {
    ...invoke('Park', { run: '{% $run %}', park: '{% $gate.park %}', taskToken: null }),
    Output: {},
    Catch: [toReport],
    Next: 'Gate',
  },
});
