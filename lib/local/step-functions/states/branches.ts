import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Json } from '../asl.ts';
import type { BranchProgress } from '../progress.ts';
import { innerScope, leaveScope } from '../variables.ts';
import { recordAside, type Thread, type Visit } from '../visit.ts';

/** One of the threads that a Parallel state or an inline map runs side by side. */
export type Branch = { thread: Thread; ended: boolean };

/**
 * A thread within the same execution that reads the outer variables and keeps its own, and that ends with its parent
 * or with the given signal.
 */
export const branch = (
  parent: Thread,
  signal: AbortSignal,
  last: number,
  { progress }: Pick<BranchProgress, 'progress'>,
): Branch => ({
  ended: false,
  thread: {
    ...parent,
    scope: innerScope(parent.scope, progress.own),
    signal: AbortSignal.any([parent.signal, signal]),
    last,
    active: undefined,
    progress,
  },
});

/** What stands of the branches of the state that the thread is in: nothing, unless a redriven execution goes on there. */
export const standing = ({ thread: { progress }, resuming }: Visit): BranchProgress[] => {
  if (!resuming || !progress.branches) progress.branches = [];
  return progress.branches;
};

export const runBranch = async (it: Branch, run: (thread: Thread) => Promise<Json>) => {
  const output = await run(it.thread);
  it.ended = true;
  leaveScope(it.thread.scope);
  return output;
};

/**
 * Reports on the parent's thread, which goes on from the failed branch, what was going on when it failed: its own
 * state, then in each of the other branches that still ran. `name` reports on such a branch itself.
 */
export const reportAborted = (
  parent: Thread,
  branches: Branch[],
  failed: Branch,
  name: (it: Branch) => void = () => {},
) => {
  parent.last = failed.thread.last;
  if (failed.thread.active === 'Task') recordAside(parent, 'TaskStateAborted');
  for (const other of branches.filter((it) => it !== failed && !it.ended)) {
    name(other);
    const { active } = other.thread;
    if (active && LASTING.has(active)) recordAside(parent, `${active}StateAborted` as HistoryEventType);
  }
  for (const { thread } of branches) leaveScope(thread.scope);
};

/** Types of state in which time passes. */
const LASTING = new Set(['Task', 'Wait', 'Parallel', 'Map']);
