import { type ApprovalRequest, approvalsSoFar, outcomeSentence, standingVotes, type Vote } from '../ledger/request.ts';
import {
  type ApprovalPolicy,
  assuranceOf,
  type Identity,
  identify,
  members,
  shown,
} from '../policy/approval-policy.ts';

/** What somebody wants, by whatever channel it came. */
export type Ballot = {
  decision: 'approved' | 'rejected' | 'withdrawn';
  identity: Identity;
  reason: string;
  /** The plan that they were shown. */
  planDigest: string;
  breakGlass?: boolean;
  /** When it was cast, where it may arrive late or twice; a withdrawal after that stands. */
  castAt?: string;
};

export type Refusal = {
  code:
    | 'UnknownPerson'
    | 'NotAnApprover'
    | 'FourEyes'
    | 'LowAssurance'
    | 'ReasonNeeded'
    | 'OtherPlan'
    | 'TooLate'
    | 'AlreadyDecided'
    | 'VotedOtherwise'
    | 'WithdrawnSince'
    | 'NothingToWithdraw'
    | 'NoBreakGlass';
  /** Says what is wrong and what to do. */
  sentence: string;
};

/**
 * `counted` and `withdrawn` are changes to be written; `repeated` is the same word once more, and changes nothing;
 * `refused` has no effect.
 */
export type Cast =
  | { result: 'counted' | 'withdrawn'; request: ApprovalRequest; vote: Vote }
  | { result: 'repeated'; vote: Vote }
  | { result: 'refused'; refusal: Refusal };

/**
 * Counts one ballot. Pure: whatever came in meanwhile is seen when the change is tried again on the newer request.
 * The first rejection decides; approval needs the quorum, in distinct people.
 */
export const cast = (request: ApprovalRequest, ballot: Ballot, now: Date): Cast => {
  const person = identify(request.policy, ballot.identity);
  if (!person)
    return refuse(
      'UnknownPerson',
      `${shown(request.policy, ballot.identity)} is nobody whom the policy of ${request.environment} names.`,
    );
  if (ballot.planDigest !== request.planDigest) {
    return refuse(
      'OtherPlan',
      'What you were shown is not the plan that is asked about. Open it again and decide on that.',
    );
  }
  const own = standingVotes(request).find(({ by }) => by === person.name);
  if (ballot.decision === 'withdrawn') return withdraw(request, own, now);
  if (own?.decision === ballot.decision) return { result: 'repeated', vote: own };
  const closed = closedBy(request, now);
  if (closed) return closed;
  if (isOutdated(request, ballot, person.name)) {
    return refuse('WithdrawnSince', 'You have withdrawn this since. Decide once more if you want to.');
  }
  if (own) return refuse('VotedOtherwise', `You have ${own.decision} this at ${own.at}. Withdraw that first.`);
  const refusal =
    ballot.decision === 'approved' ? approvalRefused(request, ballot, person.name) : rejectionRefused(ballot);
  if (refusal) return { result: 'refused', refusal };
  return count(request, voteOf(request.policy, { ...ballot, decision: ballot.decision }, person.name, now));
};

/** An event may be delivered again after its author has thought better of it. */
const isOutdated = ({ votes }: ApprovalRequest, { castAt }: Ballot, name: string): boolean =>
  castAt !== undefined &&
  votes.some(({ by, withdrawnAt }) => by === name && withdrawnAt !== undefined && withdrawnAt >= castAt);

/** Nobody has decided in time: counts as a rejection. Null where there is nothing to change. */
export const expire = (request: ApprovalRequest, now: Date): ApprovalRequest | null =>
  request.outcome === null && isExpired(request, now)
    ? { ...request, outcome: { decision: 'expired', at: now.toISOString() } }
    : null;

export const isExpired = ({ expiresAt }: Pick<ApprovalRequest, 'expiresAt'>, now: Date): boolean =>
  new Date(expiresAt) <= now;

/** A break-glass reason is read by whoever asks about it later: a word does not do. */
const LEAST_REASON = 20;

const MOST_REASON = 1_000;

const count = (request: ApprovalRequest, vote: Vote): Cast => {
  const changed = { ...request, votes: [...request.votes, vote] };
  const decided =
    vote.decision === 'rejected' || vote.breakGlass === true || approvalsSoFar(changed).length >= request.quorum;
  const outcome = decided ? { decision: vote.decision, at: vote.at } : null;
  return { result: 'counted', vote, request: { ...changed, outcome } };
};

const withdraw = (request: ApprovalRequest, own: Vote | undefined, now: Date): Cast => {
  if (!own) return refuse('NothingToWithdraw', 'You have not decided on this, so there is nothing to withdraw.');
  const closed = closedBy(request, now);
  if (closed) return closed;
  const vote = { ...own, withdrawnAt: now.toISOString() };
  return {
    result: 'withdrawn',
    vote,
    request: { ...request, votes: request.votes.map((it) => (it === own ? vote : it)) },
  };
};

const closedBy = (request: ApprovalRequest, now: Date): Cast | null => {
  if (request.outcome && request.outcome.decision !== 'expired') {
    return refuse('AlreadyDecided', `This is decided already: ${outcomeSentence(request)}.`);
  }
  if (request.outcome || isExpired(request, now)) {
    return refuse(
      'TooLate',
      `Nobody decided before ${request.expiresAt}, so the run has ended without changing anything.`,
    );
  }
  return null;
};

const approvalRefused = (request: ApprovalRequest, ballot: Ballot, name: string): Refusal | null => {
  const { policy } = request;
  if (ballot.breakGlass) return breakGlassRefused(policy, ballot, name);
  const barred = request.barred.find(({ person }) => person === name);
  if (barred) return { code: 'FourEyes', sentence: `${name} ${barred.because}, so somebody else has to approve it.` };
  if (!request.approvers.includes(name)) {
    return {
      code: 'NotAnApprover',
      sentence: `${name} is not among those who approve ${request.risk}-risk plans in ${request.environment}: ${request.approvers.join(', ')}.`,
    };
  }
  if (assuranceOf(ballot.identity) === 'low' && !policy.mailLinkIsEnough) {
    return {
      code: 'LowAssurance',
      sentence: `A link in a mail does not prove who opens it. Approve in Slack, or with: lockstep approve ${request.environment} ${request.run}`,
    };
  }
  return null;
};

const breakGlassRefused = (policy: ApprovalPolicy, { identity, reason }: Ballot, name: string): Refusal | null => {
  const allowed = policy.breakGlass !== null && members(policy, policy.breakGlass.by).some((it) => it.name === name);
  if (!allowed) return { code: 'NoBreakGlass', sentence: `${name} may not break the glass here.` };
  if (identity.channel !== 'iam') {
    return {
      code: 'LowAssurance',
      sentence: 'Breaking the glass is done with the command line, where IAM proves who does it.',
    };
  }
  return reason.trim().length < LEAST_REASON
    ? { code: 'ReasonNeeded', sentence: `Say why, in at least ${LEAST_REASON} characters: everybody is told.` }
    : null;
};

const rejectionRefused = ({ reason }: Ballot): Refusal | null =>
  reason.trim() === '' ? { code: 'ReasonNeeded', sentence: 'Rejecting needs a reason: the run ends with it.' } : null;

const voteOf = (
  policy: ApprovalPolicy,
  { decision, identity, reason, breakGlass }: Ballot & { decision: Vote['decision'] },
  by: string,
  now: Date,
): Vote => ({
  decision,
  by,
  reason: reason.trim().slice(0, MOST_REASON),
  at: now.toISOString(),
  channel: identity.channel,
  assurance: assuranceOf(identity),
  identity: shown(policy, identity),
  ...(breakGlass && decision === 'approved' ? { breakGlass: true as const } : {}),
});

const refuse = (code: Refusal['code'], sentence: string): Cast => ({ result: 'refused', refusal: { code, sentence } });
