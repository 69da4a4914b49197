import { type ApprovalRequest, answersTo, idOf, outcomeSentence } from '../ledger/request.ts';
import { consequence, tally } from './hold-words.ts';

/**
 * A request as it may be told outside: without the task token, the form key, and everybody's addresses. Of a rollout
 * that is held, in a few words: its page tells the rest.
 */
export const publicView = (request: ApprovalRequest) => {
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
