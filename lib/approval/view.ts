import { type ApprovalRequest, outcomeSentence } from '../ledger/request.ts';
import { expire } from './cast.ts';

/** A request as it may be told outside: without the task token, the form key, and everybody's addresses. */
export const publicView = (request: ApprovalRequest, now: Date) => {
  // A run that was stopped asks no more, and so nobody closes its request.
  const { taskToken, formKey, policy, version, slack, ...told } = expire(request, now) ?? request;
  return { ...told, state: told.outcome?.decision ?? 'waiting', sentence: outcomeSentence(told) };
};

export type PublicView = ReturnType<typeof publicView>;
