import type { PublicView } from '../approval/view.ts';
import { painter } from './output.ts';

/** What waits and what was decided, the newest first. */
export const approvalsView = (requests: PublicView[], environment: string, colours: boolean): string => {
  const paint = painter(colours);
  if (requests.length === 0) return `Nothing was ever put to approvers in ${environment}.`;
  return requests
    .map((it) => {
      const open = it.state === 'waiting';
      const head = `${paint(open ? 'yellow' : it.state === 'approved' ? 'green' : 'red', it.state.padEnd(8))}  ${paint('bold', it.run)}  ${it.risk} risk, plan ${it.planDigest.slice(0, 12)}`;
      return [head, ...(open ? waiting(it) : [`  ${it.sentence}`])].join('\n');
    })
    .join('\n');
};

const waiting = (it: PublicView): string[] => [
  `  started by ${it.starter ?? `somebody who says to be ${it.requestedBy}`}`,
  `  ${it.votes.filter(({ decision, withdrawnAt }) => decision === 'approved' && !withdrawnAt).length} of ${it.quorum} approvals, of ${it.approvers.join(', ')}; expires ${it.expiresAt}`,
  ...it.barred.map(({ person, because }) => `  not counted: ${person}, who ${because}`),
];
