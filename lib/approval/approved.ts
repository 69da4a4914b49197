import { failure } from '../failure.ts';
import type { ApprovalRequest } from '../ledger/request.ts';
import { getRequest } from '../ledger/requests.ts';
import type { Table } from '../ledger/table.ts';

/** The execution was told to go on, but no approval of its plan stands in the ledger; nothing was touched. */
export const NotApproved = failure(
  'NotApproved',
  (it: { run: string }) =>
    `${it.run} was told to go on, but the ledger has no approval of its plan: somebody has answered its task by other means. Nothing was touched.`,
);

/** The request by which a plan was approved. Whoever holds a task token can let an execution go on, and approves nothing. @throws NotApproved */
export const approvedBy = async (table: Table, run: string, planDigest: string): Promise<ApprovalRequest> => {
  const request = await getRequest(table, run);
  if (request?.outcome?.decision === 'approved' && request.planDigest === planDigest) return request;
  throw new NotApproved({ run });
};
