import {
  type Control,
  controlOf,
  NOBODY,
  type Order,
  RunAbandoned,
  RunNotAtWork,
  setControl,
} from '../ledger/control.ts';
import { type Answered, type ApprovalRequest, type Vote, votesFor } from '../ledger/request.ts';
import type { Table } from '../ledger/table.ts';

/**
 * Lets the run's control say what was decided of its rollout, before the run itself hears of it: what is resumed is not
 * paused any more, and what is abandoned is so for every step of it. A pause that was ordered after the decision stands.
 */
export const controlAsDecided = async (
  table: Table,
  request: ApprovalRequest & { outcome: Answered },
): Promise<void> => {
  const order = orderOf(request);
  const held = await controlOf(table, request.run);
  if (order.state === 'going' && (held.state !== 'paused' || (held.at ?? '') > order.at)) return;
  try {
    await setControl(table, request.run, order);
  } catch (error) {
    // Then nothing is left that could be told otherwise.
    if (!(error instanceof RunNotAtWork) && !(error instanceof RunAbandoned)) throw error;
  }
};

const orderOf = (request: ApprovalRequest & { outcome: Answered }): Order => {
  const { decision, at } = request.outcome;
  if (decision === 'expired') {
    return { state: 'abandoned', by: NOBODY, reason: `nobody decided before ${request.expiresAt}`, at };
  }
  const votes = votesFor(request, decision);
  const said = { by: votes.map(({ by }) => by).join(', '), at };
  const reason = votes.map((vote) => vote.reason).find((it) => it !== '') ?? '';
  if (decision === 'resume') return { ...said, state: 'going', reason };
  // What is reverted begins with no more databases either.
  return { ...said, state: 'abandoned', reason: decision === 'revert' ? `to be reverted: ${reason}` : reason };
};

/** The request as it is decided by whoever has abandoned the run before it was put to anybody; null where nobody has. */
export const abandonedBefore = (
  request: ApprovalRequest,
  { state, by, reason, at }: Control,
): ApprovalRequest | null => {
  if (request.outcome || state !== 'abandoned' || by === null || at === null) return null;
  const vote: Vote = { decision: 'abandon', by, reason, at, channel: 'iam', assurance: 'high', identity: by };
  return { ...request, votes: [...request.votes, vote], outcome: { decision: 'abandon', at } };
};
