import { askPeople, type TimeToAnswer } from './ask-people.ts';
import type { Catch, State } from './asl.ts';
import type { Invokes } from './invoke.ts';

/** Asks for approval. What was approved is planned once more in `next`, and carried out only if it is still the same. */
export const requestApproval = (
  invoke: Invokes<'RequestApproval'>,
  time: TimeToAnswer,
  { next, otherwise }: { next: string; otherwise: Catch[] },
): State =>
  askPeople(invoke, 'RequestApproval', {
    payload: { run: '{% $run %}', plan: '{% $plan %}' },
    ...{ since: 'askedAt', asked: 'asked', time, next, otherwise },
    assign: { approved: '{% $plan.planDigest %}' },
  });
