import type { Turn } from '../lib/approval/ask.ts';
import { idOf } from '../lib/ledger/request.ts';
import { count } from './metrics.ts';

/** How long a question has waited for people. What they have answered meanwhile waits for nobody. */
export const countWaiting = ({ turn, request }: Turn, now: Date): void => {
  const { createdAt, outcome } = request;
  if (turn === 'closed' && outcome?.decision !== 'expired') return;
  const seconds = turn === 'asked' ? 0 : Math.max(0, (now.getTime() - new Date(createdAt).getTime()) / 1000);
  count(request, now, { SecondsWaiting: seconds }, { run: idOf(request), since: createdAt });
};
