import type { ApprovalPolicy, Assurance, Identity } from '../policy/approval-policy.ts';
import type { Risk } from '../policy/risk.ts';

/** One person's word on a request. Withdrawn ones stay on record. */
export type Vote = {
  decision: 'approved' | 'rejected';
  /** The person's name in the policy. */
  by: string;
  reason: string;
  at: string;
  channel: Identity['channel'];
  assurance: Assurance;
  /** What was proven: a mail address, a Slack user, an ARN. */
  identity: string;
  breakGlass?: true;
  withdrawnAt?: string;
};

export type Outcome = { decision: 'approved' | 'rejected' | 'expired'; at: string };

/**
 * A question put to approvers: one per run, bound to one plan. It lives in the ledger, and what decides about it are
 * pure functions from one state of it to the next. Neither the task token nor the form key ever leaves the ledger.
 */
export type ApprovalRequest = {
  run: string;
  service: string;
  environment: string;
  digest: string;
  planDigest: string;
  /** Whether migrations are brought in or taken back. */
  direction: 'up' | 'down';
  risk: Risk['risk'];
  /** As it was when the request was made. */
  policy: ApprovalPolicy;
  requestedBy: string;
  /** ARN of who announced the run; null where nobody did. */
  starter: string | null;
  authors: string[];
  approvers: string[];
  quorum: number;
  barred: { person: string; because: string }[];
  createdAt: string;
  expiresAt: string;
  /** Of the task that waits now: a reminder waits with a new one. */
  taskToken: string;
  /** 256 random bits under which the page's forms are signed. */
  formKey: string;
  /** Number of changes so far: the next one holds only if nobody was faster. */
  version: number;
  votes: Vote[];
  outcome: Outcome | null;
  /** When the run was told of the outcome; null before. */
  deliveredAt: string | null;
  /** The message in Slack, to be kept up to date, and what of it stays as it is. */
  slack: { channel: string; ts: string; blocks: unknown[] } | null;
};

/** Votes that count: not withdrawn. */
export const standingVotes = ({ votes }: Pick<ApprovalRequest, 'votes'>): Vote[] =>
  votes.filter(({ withdrawnAt }) => withdrawnAt === undefined);

export const approvalsSoFar = (request: Pick<ApprovalRequest, 'votes'>): Vote[] =>
  standingVotes(request).filter(({ decision }) => decision === 'approved');

/** `approved by Ada, Berta`, `rejected by Ada: too late in the week`, `expired` */
export const outcomeSentence = (request: Pick<ApprovalRequest, 'votes' | 'outcome'>): string => {
  const { outcome } = request;
  if (outcome === null) return 'waiting for a decision';
  if (outcome.decision === 'expired') return 'expired: nobody decided in time';
  const votes = standingVotes(request).filter(({ decision }) => decision === outcome.decision);
  const alone = votes.find(({ breakGlass }) => breakGlass);
  if (alone) return `approved by ${alone.by} alone, breaking the glass: ${alone.reason}`;
  const by = votes.map((vote) => vote.by).join(', ');
  return outcome.decision === 'approved' ? `approved by ${by}` : `rejected by ${by}: ${votes[0]?.reason ?? ''}`;
};
