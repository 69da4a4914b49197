import { type ApprovalRequest, outcomeSentence } from '../ledger/request.ts';

/** A request as it may be told outside: without the task token, the form key, and everybody's addresses. */
export const publicView = (request: ApprovalRequest) => {
  const { taskToken, formKey, policy, version, slack, ...told } = request;
  return { ...told, state: request.outcome?.decision ?? 'waiting', sentence: outcomeSentence(request) };
};

export type PublicView = ReturnType<typeof publicView>;
