import { anybodyByIam } from '../policy/approval-policy.ts';
import { askPeople, type TimeToAnswer } from './ask-people.ts';
import type { Catch, State, Value } from './asl.ts';
import type { Invokes } from './invoke.ts';

/**
 * What the transition to the state assigns: `hold` is an expression of, or an object with, the number of the hold, the
 * wave after which it is, the reason, whether the run can be reverted, and whether to resume is to go on with the next wave.
 */
export const beginHold = (hold: Value) => ({
  hold,
  heldAt: '{% $toMillis($states.context.State.EnteredTime) %}',
  holdAsked: 0,
});

/**
 * Waits for a person to say what becomes of the rollout. `$decided` is then `{ decision, by, reason }`, where the
 * decision is resume, revert or abandon.
 */
export const holdState = (
  invoke: Invokes<'Hold'>,
  approval: TimeToAnswer | null,
  { next, otherwise }: { next: string; otherwise: Catch[] },
): State =>
  askPeople(invoke, 'Hold', {
    payload: { run: '{% $run %}', hold: '{% $hold %}' },
    ...{ since: 'heldAt', asked: 'holdAsked', time: approval ?? anybodyByIam, next, otherwise },
    assign: { decided: '{% $states.result %}' },
  });
