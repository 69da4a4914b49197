import { anybodyByIam } from '../policy/approval-policy.ts';
import type { Catch, State, Value } from './asl.ts';
import type { Invoke } from './invoke.ts';

/**
 * What the transition to the state assigns: `hold` is an expression of, or an object with, the number of the hold, the
 * wave after which it is, the reason, and whether the run can be reverted.
 */
export const beginHold = (hold: Value) => ({
  hold,
  heldAt: '{% $toMillis($states.context.State.EnteredTime) %}',
  holdAsked: 0,
});

/**
 * Waits for a person to say what becomes of the rollout. `$decided` is then `{ decision, by, reason }`, where the
 * decision is resume, revert or abandon. As with an approval the function is asked again when the time for a reminder
 * has come, and a last time to have the matter closed: if this state took its own time-out for an answer, what
 * somebody decided in the same moment would stand in the ledger and be lost on the run.
 */
export const holdState = (
  invoke: Invoke,
  approval: { expiresAfter: number; remindBefore: number } | null,
  { next, otherwise }: { next: string; otherwise: Catch[] },
): State => {
  const { expiresAfter, remindBefore } = approval ?? anybodyByIam;
  return {
    ...invoke(
      'Hold',
      {
        run: '{% $run %}',
        hold: '{% $hold %}',
        taskToken: '{% $states.context.Task.Token %}',
        expiresAt: `{% $fromMillis($heldAt + ${expiresAfter * 1000}) %}`,
      },
      { waitForTaskToken: true },
    ),
    TimeoutSeconds:
      remindBefore === 0
        ? `{% $holdAsked = 0 ? ${expiresAfter} : ${CLOSING_SECONDS} %}`
        : `{% $holdAsked = 0 ? ${expiresAfter - remindBefore} : $holdAsked = 1 ? ${remindBefore} : ${CLOSING_SECONDS} %}`,
    Assign: { decided: '{% $states.result %}' },
    Catch: [
      { ErrorEquals: ['States.Timeout'], Assign: { holdAsked: '{% $holdAsked + 1 %}' }, Next: 'Hold' },
      ...otherwise,
    ],
    Next: next,
  };
};

/** Long enough for the function to answer for itself. */
const CLOSING_SECONDS = 300;
