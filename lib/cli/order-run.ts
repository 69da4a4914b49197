import type { PublicView } from '../approval/view.ts';
import type { Control } from '../ledger/control.ts';
import { approvalsView } from './approvals-view.ts';
import type { Clients } from './clients.ts';
import { confirm } from './confirm.ts';
import { askEndpoint } from './endpoint.ts';
import type { Found } from './find-run.ts';
import { told } from './told.ts';

type Order = 'pause' | 'resume' | 'revert' | 'abandon';

/** What the endpoint answers to an order; `decided` is the hold that it was a word on. */
export type Ordered = {
  result: 'ordered' | 'repeated';
  run: string;
  control: Control;
  hold: PublicView | null;
  decided: PublicView | null;
};

/**
 * Shows what is held, asks whoever sits there, and says it to the run by the approval endpoint, bound to what was shown.
 *
 * @throws NotConfirmed, EndpointUnreachable, or what the endpoint calls it
 */
export const orderRun = async (
  clients: Pick<Clients, 'sfn'>,
  { pipeline, run }: Found,
  { order, reason, yes }: { order: Order; reason: string; yes: boolean },
  { tell, colours }: { tell: (line: string) => void; colours: boolean },
): Promise<Ordered> => {
  const path = `/runs/${encodeURIComponent(run)}/control`;
  const { hold } = (await askEndpoint(clients, pipeline, { method: 'GET', path })) as unknown as Ordered;
  const { environment } = pipeline;
  if (hold && order !== 'pause') tell(approvalsView([hold], environment, colours, new Date()));
  const verb = order.charAt(0).toUpperCase() + order.slice(1);
  // To pause costs nothing, and is done by people in a hurry.
  if (order !== 'pause') await confirm(`${verb} ${run} in ${environment.toUpperCase()}?`, yes);
  const body = { order, reason, ...(hold ? { shown: hold.planDigest } : {}) };
  return (await askEndpoint(clients, pipeline, { method: 'POST', path, body })) as unknown as Ordered;
};

/** What was answered, and what the run does then. */
export const settled = (
  order: Order,
  { result, run, control, decided }: Ordered,
): { sentence: string; waits: boolean } => {
  const again = result === 'repeated' ? `${order === 'pause' ? 'It is paused already' : 'As was said before'}: ` : '';
  if (decided && decided.state === 'waiting') {
    const said = decided.votes.filter((it) => it.decision === order && !it.withdrawnAt).length;
    const more = decided.quorum - said;
    return {
      sentence: `${again}${order}, counted; ${more} more ${more === 1 ? 'has' : 'have'} to say so.`,
      waits: true,
    };
  }
  if (decided) return { sentence: told(`${again}${run} is ${decided.sentence}. ${NEXT[order]}`), waits: false };
  const why = control.reason ? `: ${control.reason}` : '';
  return {
    sentence: told(
      `${again}${run} is ${control.state === 'going' ? 'going again' : control.state}, by ${control.by}${why}. ${ALIVE[order]}`,
    ),
    waits: false,
  };
};

const NEXT: Record<Order, string> = {
  pause: '',
  resume: 'The rollout goes on.',
  revert: 'The run ends, and what it has applied is taken back by a run of its own.',
  abandon: 'The run ends here; what it has applied stays.',
};

const ALIVE: Record<Order, string> = {
  pause:
    'What is under way is finished, no other database is begun; then it is held until somebody says resume, revert or abandon.',
  resume: 'It begins with the next databases.',
  revert: '',
  abandon: 'What is under way is finished, no other database is begun, and the run ends.',
};
