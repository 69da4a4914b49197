import type { PublicView } from '../approval/view.ts';
import { painter } from './output.ts';

/** What waits and what was decided, the newest first. */
export const approvalsView = (requests: PublicView[], environment: string, colours: boolean): string => {
  const paint = painter(colours);
  if (requests.length === 0) return `Nothing was ever put to approvers in ${environment}.`;
  return requests
    .map((it) => {
      const open = it.state === 'waiting';
      const good = it.state === 'approved' || it.state === 'resume';
      const state = STATES[it.state] ?? it.state;
      const about = it.hold ? `hold ${it.hold.number}` : `${it.risk} risk, plan ${it.planDigest.slice(0, 12)}`;
      const head = `${paint(open ? 'yellow' : good ? 'green' : 'red', (open && it.hold ? 'held' : state).padEnd(8))}  ${paint('bold', it.run)}  ${about}`;
      return [head, ...(open ? (it.hold ? held(it, it.hold) : waiting(it)) : [`  ${it.sentence}`])].join('\n');
    })
    .join('\n');
};

const STATES: Record<string, string> = { resume: 'resumed', revert: 'reverted', abandon: 'abandoned' };

const held = (it: PublicView, hold: NonNullable<PublicView['hold']>): string[] => [
  `  ${hold.wave === 0 ? 'before its first wave' : `after wave ${hold.wave}`}: ${hold.reason}`,
  `  so far ${hold.soFar || 'nothing was begun'}; expires ${it.expiresAt} and counts as abandoned then`,
  ...Object.entries(hold.answers).map(([answer, does]) => `  ${`${answer},`.padEnd(8)} ${said(it, answer)}: ${does}`),
  ...(hold.canRevert ? [] : ['  It can’t be reverted: not every migration has a down file.']),
  ...it.barred.map(({ person, because }) => `  ${person}, who ${because}, can only abandon it`),
];

const said = ({ votes, quorum, approvers }: PublicView, answer: string): string => {
  if (answer === 'abandon') return 'one person is enough';
  const standing = votes.filter(({ decision, withdrawnAt }) => decision === answer && !withdrawnAt).length;
  return `${standing} of ${quorum}${approvers.length > 0 ? `, of ${approvers.join(', ')}` : ''}`;
};

const waiting = (it: PublicView): string[] => [
  `  started by ${it.starter ?? `somebody who says to be ${it.requestedBy}`}`,
  `  ${it.votes.filter(({ decision, withdrawnAt }) => decision === 'approved' && !withdrawnAt).length} of ${it.quorum} approvals, of ${it.approvers.join(', ')}; expires ${it.expiresAt}`,
  ...it.barred.map(({ person, because }) => `  not counted: ${person}, who ${because}`),
];
