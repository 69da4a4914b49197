import type { ApprovalPolicy, Assurance, Identity } from '../policy/approval-policy.ts';
import type { Risk } from '../policy/risk.ts';
import type { Hold } from './hold.ts';

/** What can be answered: of a plan, whether to carry it out; of a rollout that is held, what becomes of it. */
export type Answer = 'approved' | 'rejected' | 'resume' | 'revert' | 'abandon';

/** One person's word on a request. Withdrawn ones stay on record. */
export type Vote = {
  decision: Answer;
  /** The person's name in the policy. */
  by: string;
  reason: string;
  at: string;
  channel: Identity['channel'];
  assurance: Assurance;
  /** What was proven: a mail address, a Slack user, an ARN. */
  identity: string;
  breakGlass?: true;
  /** With broken glass: after the approval, so that the run need not wait for its window. */
  forWindow?: true;
  withdrawnAt?: string;
};

/** `stopped`: the run ended before anybody had decided. */
export type Outcome = { decision: Answer | 'expired' | 'stopped'; at: string };

/** An outcome that the run is told: silence is an answer, too. */
export type Answered = Outcome & { decision: Answer | 'expired' };

/**
 * A question put to approvers: of a run whether to carry out its plan, and each time that its rollout is held what
 * becomes of it. It is bound to the plan, or to the state of the rollout, that people are shown. It lives in the ledger, and what decides about it are
 * pure functions from one state of it to the next. Neither the task token nor the form key ever leaves the ledger.
 */
export type ApprovalRequest = {
  run: string;
  service: string;
  environment: string;
  digest: string;
  /** Of what people are shown: the plan or, where the rollout is held, how it stands. */
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
  /** The rollout that is held, where that is what is asked about. */
  hold?: Hold;
};

/** By what a request is known: the run's name, and `run#2` for its second hold. No run's name holds a `#`. */
export const idOf = ({ run, hold }: Pick<ApprovalRequest, 'run' | 'hold'>): string =>
  hold ? `${run}#${hold.number}` : run;

/**
 * What can be answered. Whatever has something done to databases is decided `together`, by the quorum. For the answer
 * that ends the run one person is enough, `alone`: it changes nothing, and who sees that something is wrong must not
 * have to wait for others.
 */
export const answersTo = ({ hold }: Pick<ApprovalRequest, 'hold'>): { together: Answer[]; alone: Answer } => {
  if (!hold) return { together: ['approved'], alone: 'rejected' };
  return { together: hold.canRevert ? ['resume', 'revert'] : ['resume'], alone: 'abandon' };
};

/** Votes that count: not withdrawn. */
export const standingVotes = ({ votes }: Pick<ApprovalRequest, 'votes'>): Vote[] =>
  votes.filter(({ withdrawnAt }) => withdrawnAt === undefined);

export const votesFor = (request: Pick<ApprovalRequest, 'votes'>, answer: Answer): Vote[] =>
  standingVotes(request).filter(({ decision }) => decision === answer);

export const approvalsSoFar = (request: Pick<ApprovalRequest, 'votes'>): Vote[] => votesFor(request, 'approved');

/** How many are still needed for that answer. */
export const missingFor = (request: Pick<ApprovalRequest, 'votes' | 'quorum'>, answer: Answer): number =>
  Math.max(0, request.quorum - votesFor(request, answer).length);

/** `approved by Ada, Berta`, `rejected by Ada: too late in the week`, `resumed by Ada`, `expired` */
export const outcomeSentence = (request: Pick<ApprovalRequest, 'votes' | 'outcome'>): string => {
  const { outcome } = request;
  if (outcome === null) return 'waiting for a decision';
  if (outcome.decision === 'expired') return 'expired: nobody decided in time';
  if (outcome.decision === 'stopped') return 'closed: the run ended before anybody decided';
  const votes = votesFor(request, outcome.decision);
  const forWindow = votes.find((vote) => vote.forWindow);
  if (forWindow) {
    const others = votes.flatMap((vote) => (vote === forWindow ? [] : [vote.by]));
    return `approved by ${others.join(', ')}; ${forWindow.by} broke the glass to have it carried out outside of its window: ${forWindow.reason}`;
  }
  const alone = votes.find(({ breakGlass }) => breakGlass);
  if (alone) return `approved by ${alone.by} alone, breaking the glass: ${alone.reason}`;
  const reasons = votes.flatMap(({ reason }) => (reason === '' ? [] : [reason]));
  const why = outcome.decision === 'approved' || reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  return `${DONE[outcome.decision]} by ${votes.map(({ by }) => by).join(', ')}${why}`;
};

/** `Ada approved`, `Ada chose to resume` */
export const saidIn = ({ decision }: Pick<Vote, 'decision'>): string =>
  decision === 'approved' || decision === 'rejected' ? decision : `chose to ${decision}`;

const DONE: Record<Answer, string> = {
  approved: 'approved',
  rejected: 'rejected',
  resume: 'resumed',
  revert: 'to be reverted, decided',
  abandon: 'abandoned',
};
