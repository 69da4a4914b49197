import type { Json, Parallel } from '../asl.ts';
import { evaluateTemplate } from '../jsonata/evaluate.ts';
import { withinLimit } from '../payload.ts';
import { type BranchProgress, noProgress } from '../progress.ts';
import { withRetryAndCatch } from '../retry-and-catch.ts';
import { type Computed, compute, type RunStates, record, recordAside, type Visit } from '../visit.ts';
import { branch, reportAborted, runBranch, standing } from './branches.ts';

export const runParallel = (visit: Visit<Parallel>, runStates: RunStates) =>
  withRetryAndCatch(
    visit,
    () => attempt(visit, runStates),
    () => record(visit.thread, 'ParallelStateFailed'),
  );

const attempt = async (visit: Visit<Parallel>, runStates: RunStates): Promise<Computed> => {
  const { state, thread } = visit;
  const input =
    state.Arguments === undefined
      ? visit.input
      : withinLimit(await evaluateTemplate(visit, 'Arguments', state.Arguments), visit.name);
  if (!visit.resuming) record(thread, 'ParallelStateStarted');
  const before = standing(visit);
  visit.resuming = false;
  const result = await runBranches(visit, input, runStates, before);
  recordAside(thread, 'ParallelStateSucceeded');
  return compute(visit, state, result, { result });
};

/** The first branch that fails ends all. */
const runBranches = async (
  { state, thread }: Visit<Parallel>,
  input: Json,
  runStates: RunStates,
  before: BranchProgress[],
): Promise<Json[]> => {
  const others = new AbortController();
  const branches = state.Branches.map((_, n) => {
    before[n] ??= { progress: noProgress(), output: undefined };
    return branch(thread, others.signal, thread.last, before[n].output ? { progress: noProgress() } : before[n]);
  });
  return Promise.all(
    branches.map(async (it, n) => {
      const { output: known } = before[n]!;
      it.ended = known !== undefined;
      if (known) return known.value;
      try {
        const output = await runBranch(it, (inner) => runStates(state.Branches[n]!, input, inner));
        before[n]!.output = { value: output };
        thread.last = Math.max(thread.last, it.thread.last);
        return output;
      } catch (failure) {
        // Branches stopped because of this one come here too, and have nothing to add.
        if (!it.thread.signal.aborted) {
          others.abort(failure);
          reportAborted(thread, branches, it);
        }
        throw failure;
      }
    }),
  );
};
