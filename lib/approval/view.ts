import { type ApprovalRequest, answersTo, idOf, outcomeSentence } from '../ledger/request.ts';
import { expire } from './cast.ts';
import { consequence, tally } from './hold-words.ts';

/**
 * A request as it may be told outside: without the task token, the form key, and everybody's addresses. Of a rollout
 * that is held, in a few words: its page tells the rest.
 */
export const publicView = (asked: ApprovalRequest, now: Date) => {
  // A run that was stopped asks no more, and so nobody closes its request.
  const request = expire(asked, now) ?? asked;
  const { taskToken, formKey, policy, version, slack, hold, ...told } = request;
  const { together, alone } = answersTo(request);
  const answers = [...together, alone].map((answer) => [answer, hold ? consequence(hold, answer) : null] as const);
  return {
    ...told,
    ...{ id: idOf(request), state: request.outcome?.decision ?? 'waiting', sentence: outcomeSentence(request) },
    hold: hold
      ? {
          ...{ number: hold.number, wave: hold.wave, reason: hold.reason, canRevert: hold.canRevert },
          soFar: tally(hold),
          answers: Object.fromEntries(answers),
        }
      : null,
  };
};

export type PublicView = ReturnType<typeof publicView>;
