import { type ApprovalRequest, standingVotes, type Vote } from '../ledger/request.ts';
import { changeRequest, getRequest } from '../ledger/requests.ts';
import { identify, shown } from '../policy/approval-policy.ts';
import { type Ballot, breakGlassRefused, type Cast, voteOf } from './cast.ts';
import type { Decided, Deciding } from './decide.ts';
import { isParked, wake } from './wake.ts';

/**
 * Breaks the glass for a run that is approved and parked: it goes on at once, outside of its window. The word stands
 * with those of the approval, and whoever asks again wakes the run again. Undefined where no approved run is parked.
 */
export const breakGlassForWindow = async (it: Deciding, run: string, ballot: Ballot): Promise<Decided | undefined> => {
  const seen = await getRequest(it.table, run);
  if (seen?.outcome?.decision !== 'approved' || !(await isParked(it, run))) return undefined;
  let last: Cast | undefined;
  const request = await changeRequest(it.table, run, (request) => {
    last = castForWindow(request, ballot, it.now());
    return 'request' in last ? last.request : null;
  });
  if (!request || !last) return undefined;
  if (last.result === 'refused') return { result: 'refused', refusal: last.refusal, request, delivery: null };
  await wake(it, run, { abandoned: false });
  return { result: last.result, vote: last.vote, request, delivery: 'sent' };
};

/** Pure, as every ballot is counted. */
export const castForWindow = (request: ApprovalRequest, ballot: Ballot, now: Date): Cast => {
  const { policy, planDigest, environment, votes } = request;
  const name = identify(policy, ballot.identity)?.name;
  if (name === undefined) {
    const sentence = `${shown(policy, ballot.identity)} is nobody whom the policy of ${environment} names.`;
    return { result: 'refused', refusal: { code: 'UnknownPerson', sentence } };
  }
  if (ballot.planDigest !== planDigest) {
    const sentence = 'What you were shown is not the plan that is parked. Open it again and decide on that.';
    return { result: 'refused', refusal: { code: 'OtherPlan', sentence } };
  }
  const before = standingVotes(request).find(({ forWindow }) => forWindow);
  if (before) return { result: 'repeated', vote: before };
  const refusal = breakGlassRefused(policy, ballot, name);
  if (refusal) return { result: 'refused', refusal };
  const vote: Vote = { ...voteOf(policy, { ...ballot, decision: 'approved' }, name, now), forWindow: true };
  return { result: 'counted', vote, request: { ...request, votes: [...votes, vote] } };
};
