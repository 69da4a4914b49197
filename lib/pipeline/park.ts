import type { Catch, State } from './asl.ts';
import type { Invoke } from './invoke.ts';

/**
 * A rollout rests until the window of its next wave opens: a task that nobody has to answer, and that whoever abandons
 * the run or breaks the glass can wake. A Wait would cost as little and could not be woken.
 *
 * What was planned before it rested is planned once more before the first wave, and carried out only if it is the
 * same; what is abandoned needs no plan any more.
 */
export const parkStates = (invoke: Invoke, toReport: Catch): Record<string, State> => ({
  Park: {
    ...invoke(
      'Park',
      { run: '{% $run %}', park: '{% $gate.park %}', taskToken: '{% $states.context.Task.Token %}' },
      { waitForTaskToken: true },
    ),
    Comment: 'until the window opens',
    // Reckoned anew when the task is tried again, or a run that was stopped is redriven.
    TimeoutSeconds: '{% $max([1, $ceil(($toMillis($gate.park.until) - $millis()) / 1000)]) %}',
    Assign: { abandoned: '{% $states.result.abandoned = true %}' },
    Output: {},
    Catch: [
      { ErrorEquals: ['States.Timeout'], Assign: { abandoned: false }, Output: {}, Next: 'StillAsPlanned' },
      toReport,
    ],
    Next: 'StillAsPlanned',
  },

  StillAsPlanned: {
    Type: 'Choice',
    Choices: [
      { Condition: '{% $abandoned %}', Comment: 'abandoned', Next: 'Gate' },
      { Condition: '{% $at = 0 %}', Comment: 'not begun yet', Next: 'InspectFleet' },
    ],
    Default: 'TellOfGlass',
  },

  TellOfGlass: {
    ...invoke('Park', { run: '{% $run %}', park: '{% $gate.park %}', taskToken: null }),
    Output: {},
    Catch: [toReport],
    Next: 'Gate',
  },
});
