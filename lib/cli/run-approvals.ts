import { type HoldRecord, heldWhy } from '../ledger/hold-record.ts';
import { type ApprovalRequest, idOf, outcomeSentence, saidIn, type Vote } from '../ledger/request.ts';
import { getRequest, holdsOf } from '../ledger/requests.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';
import { time } from './time.ts';
import { told } from './told.ts';

/** On whose word a run went ahead, or didn't, and what became of each of its holds; runs that asked nobody have none. */
export type RunApproval = {
  /** `run#2` of its second hold. */
  run: string;
  /** When and why it was held; null where it was asked whether to carry the plan out. */
  hold: Pick<HoldRecord, 'number' | 'wave' | 'reason' | 'heldAt'> | null;
  outcome: string;
  starter: string | null;
  votes: Vote[];
};

/** Out of the ledger, for each of these runs; null where the caller may not read the ledger. */
export const approvalsOf = async (
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  { ledger }: Pick<Pipeline, 'ledger'>,
  runs: string[],
): Promise<RunApproval[] | null> => {
  const table = { client: dynamodb, name: ledger };
  try {
    const requests = await Promise.all(
      [...new Set(runs)].map(async (run) => [await getRequest(table, run), ...(await holdsOf(table, run)).reverse()]),
    );
    return requests
      .flat()
      .filter((it) => it !== undefined)
      .map((it) => ({
        ...{ run: idOf(it), hold: heldOf(it), outcome: outcomeSentence(it), starter: it.starter, votes: it.votes },
      }));
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return null;
    throw error;
  }
};

const heldOf = ({ hold, createdAt: heldAt }: ApprovalRequest): RunApproval['hold'] =>
  hold ? { number: hold.number, wave: hold.wave, reason: hold.reason, heldAt } : null;

/** A line for each run, and one below it for each word that was said. */
export const approvalLines = (approvals: RunApproval[] | null): string[] => {
  if (approvals === null) return ['These credentials may not read the ledger, which tells who approved.'];
  return approvals.flatMap(({ run, hold, outcome, starter, votes }) => [
    `${run}  ${hold ? `${time(hold.heldAt)}  ${told(heldWhy(hold))}; ` : ''}${told(outcome)}; started by ${starter ?? 'nobody knows whom'}`,
    ...votes.map((vote) => `  ${voteLine(vote)}`),
  ]);
};

/** `2026-11-21 06:43:21Z  Ada approved by mail (low assurance, mail ada@example.com): read it` */
export const voteLine = (vote: Vote): string =>
  [
    `${time(vote.at)}  ${told(vote.by)} ${saidIn(vote)} by ${CHANNELS[vote.channel]}`,
    ` (${vote.assurance} assurance, ${told(vote.identity)})`,
    vote.breakGlass ? ', BREAKING THE GLASS' : '',
    vote.withdrawnAt ? `, withdrawn ${time(vote.withdrawnAt)}` : '',
    vote.reason ? `: ${told(vote.reason)}` : '',
  ].join('');

const CHANNELS: Record<Vote['channel'], string> = { mail: 'mail', slack: 'Slack', iam: 'IAM' };
