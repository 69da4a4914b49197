import {
  type Answer,
  type ApprovalRequest,
  answersTo,
  missingFor,
  outcomeSentence,
  saidIn,
  standingVotes,
  type Vote,
} from '../ledger/request.ts';
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
  decision: Answer | 'withdrawn';
  identity: Identity;
  reason: string;
  /** The plan, or the state of the rollout, that they were shown. */
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
    | 'NoBreakGlass'
    | 'NotOffered';
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
 * The first answer that ends the run decides; every other one needs the quorum, in distinct people.
 */
export const cast = (request: ApprovalRequest, ballot: Ballot, now: Date): Cast => {
  const name = nameOf(request, ballot);
  if (name === undefined)
    return refuse(
      'UnknownPerson',
      `${shown(request.policy, ballot.identity)} is nobody whom the policy of ${request.environment} names.`,
    );
  if (ballot.planDigest !== request.planDigest) {
    return refuse(
      'OtherPlan',
      `What you were shown is not ${request.hold ? 'the rollout' : 'the plan'} that is asked about. Open it again and decide on that.`,
    );
  }
  const own = standingVotes(request).find(({ by }) => by === name);
  if (ballot.decision === 'withdrawn') return withdraw(request, own, now);
  const { together, alone } = answersTo(request);
  if (![...together, alone].includes(ballot.decision)) return notOffered(request, ballot.decision);
  if (own?.decision === ballot.decision) return { result: 'repeated', vote: own };
  const closed = closedBy(request, now);
  if (closed) return closed;
  if (isOutdated(request, ballot, name)) {
    return refuse('WithdrawnSince', 'You have withdrawn this since. Decide once more if you want to.');
  }
  // Who sees that something is wrong after all ends it; nobody has to take back first what they had hoped.
  const changesMind = request.hold !== undefined && ballot.decision === alone;
  if (own && !changesMind) {
    return refuse('VotedOtherwise', `You ${saidIn(own)} this at ${own.at}. Withdraw that first.`);
  }
  const refusal = ballot.decision === alone ? endingRefused(request, ballot) : togetherRefused(request, ballot, name);
  if (refusal) return { result: 'refused', refusal };
  return count(
    own ? withdrawn(request, own, now) : request,
    voteOf(request.policy, { ...ballot, decision: ballot.decision }, name, now),
  );
};

/** The starter of a run may end it while it is held, whether or not the policy names them. */
const nameOf = (request: ApprovalRequest, { identity, decision }: Ballot): string | undefined => {
  const person = identify(request.policy, identity);
  if (person) return person.name;
  const ends = request.hold !== undefined && decision === answersTo(request).alone;
  return ends && identity.channel === 'iam' && identity.arn === request.starter ? identity.arn : undefined;
};

const notOffered = ({ hold }: ApprovalRequest, answer: Answer): Cast => {
  if (!hold) return refuse('NotOffered', 'This asks whether a plan is approved: approve or reject it.');
  return answer === 'revert'
    ? refuse(
        'NotOffered',
        `What this run applied can’t be taken back${lacking(hold.withoutDown)}. Resume or abandon it.`,
      )
    : refuse('NotOffered', 'This asks what becomes of a rollout that is held: resume, revert or abandon it.');
};

const lacking = (files: string[]): string => (files.length > 0 ? `: ${files.join(', ')} has no down file` : '');

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
    vote.decision === answersTo(request).alone || vote.breakGlass === true || missingFor(changed, vote.decision) === 0;
  const outcome = decided ? { decision: vote.decision, at: vote.at } : null;
  return { result: 'counted', vote, request: { ...changed, outcome } };
};

const withdraw = (request: ApprovalRequest, own: Vote | undefined, now: Date): Cast => {
  if (!own) return refuse('NothingToWithdraw', 'You have not decided on this, so there is nothing to withdraw.');
  const closed = closedBy(request, now);
  if (closed) return closed;
  const changed = withdrawn(request, own, now);
  return { result: 'withdrawn', vote: changed.votes[request.votes.indexOf(own)]!, request: changed };
};

const withdrawn = (request: ApprovalRequest, own: Vote, now: Date): ApprovalRequest => ({
  ...request,
  votes: request.votes.map((it) => (it === own ? { ...own, withdrawnAt: now.toISOString() } : it)),
});

const closedBy = (request: ApprovalRequest, now: Date): Cast | null => {
  if (request.outcome?.decision === 'stopped') {
    return refuse('TooLate', 'The run ended before anybody decided, so nobody waits for an answer.');
  }
  if (request.outcome && request.outcome.decision !== 'expired') {
    return refuse('AlreadyDecided', `This is decided already: ${outcomeSentence(request)}.`);
  }
  if (request.outcome || isExpired(request, now)) {
    return refuse(
      'TooLate',
      `Nobody decided before ${request.expiresAt}, so the run ${request.hold ? 'was abandoned' : 'has ended without changing anything'}.`,
    );
  }
  return null;
};

const togetherRefused = (request: ApprovalRequest, ballot: Ballot, name: string): Refusal | null => {
  const { policy, hold } = request;
  if (ballot.breakGlass && hold) {
    const sentence = 'There is no glass to break here: one person is enough to abandon the run, and to start it again.';
    return { code: 'NoBreakGlass', sentence };
  }
  if (ballot.breakGlass) return breakGlassRefused(policy, ballot, name);
  const barred = request.barred.find(({ person }) => person === name);
  if (barred) {
    const rest = hold ? 'decide on that. They can abandon it' : 'approve it';
    return { code: 'FourEyes', sentence: `${name} ${barred.because}, so somebody else has to ${rest}.` };
  }
  if (policy.people.length > 0 && !request.approvers.includes(name)) {
    return {
      code: 'NotAnApprover',
      sentence: `${name} is not among those who ${hold ? 'decide on' : 'approve'} ${request.risk}-risk plans in ${request.environment}: ${request.approvers.join(', ')}.`,
    };
  }
  if (assuranceOf(ballot.identity) === 'low' && !policy.mailLinkIsEnough) {
    const [verb, command] = hold ? ['Decide', ballot.decision] : ['Approve', 'approve'];
    return {
      code: 'LowAssurance',
      sentence: `A link in a mail does not prove who opens it. ${verb} in Slack, or with: lockstep ${command} ${request.environment} ${request.run}`,
    };
  }
  return null;
};

/** Who may not, or not like this, let a run go ahead alone. */
export const breakGlassRefused = (
  policy: ApprovalPolicy,
  { identity, reason }: Ballot,
  name: string,
): Refusal | null => {
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

const endingRefused = ({ hold }: ApprovalRequest, { reason }: Ballot): Refusal | null => {
  const sentence = `${hold ? 'Abandoning' : 'Rejecting'} needs a reason: the run ends with it.`;
  return reason.trim() === '' ? { code: 'ReasonNeeded', sentence } : null;
};

/** A ballot as it is written down. */
export const voteOf = (
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
