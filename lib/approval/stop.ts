import type { ApprovalRequest } from '../ledger/request.ts';
import { idOf } from '../ledger/request.ts';
import { changeRequest, getRequest, holdsOf } from '../ledger/requests.ts';
import type { Table } from '../ledger/table.ts';

/** Closes what is still asked about a run that was stopped: nobody waits for the answer. Gives what it has closed. */
export const closeRequests = async (table: Table, run: string, at: Date): Promise<ApprovalRequest[]> => {
  const request = await getRequest(table, run);
  const open = [...(request ? [request] : []), ...(await holdsOf(table, run))].filter(({ outcome }) => !outcome);
  const closed: ApprovalRequest[] = [];
  for (const one of open) {
    const held = await changeRequest(table, idOf(one), (newest) => stop(newest, at));
    if (held?.outcome?.decision === 'stopped') closed.push(held);
  }
  return closed;
};

/** What was decided in the same moment stands. Nobody is left to be told. */
const stop = (request: ApprovalRequest, now: Date): ApprovalRequest | null => {
  const at = now.toISOString();
  return request.outcome === null ? { ...request, outcome: { decision: 'stopped', at }, deliveredAt: at } : null;
};
