import type { Json, MapState } from '../asl.ts';
import { countField, itemsOf, STATE_DATA, selectItem } from '../map-items.ts';
import { withinLimit } from '../payload.ts';
import { type BranchProgress, noProgress } from '../progress.ts';
import { type Computed, compute, type RunStates, record, recordAside, type Visit } from '../visit.ts';
import { type Branch, branch, reportAborted, runBranch, standing } from './branches.ts';

/** Most iterations of an inline map that run at once. */
const MOST_AT_ONCE = 40;

/** Runs the processor once per item within the same execution; the first iteration that fails ends all. */
export const iterate = async (visit: Visit<MapState>, runStates: RunStates): Promise<Computed> => {
  const { thread } = visit;
  const atOnce = Math.min((await countField(visit, 'MaxConcurrency')) || MOST_AT_ONCE, MOST_AT_ONCE);
  const before = standing(visit);
  const known = visit.resuming ? thread.progress.inputs : undefined;
  visit.resuming = false;
  const inputs = known ?? (await inputsOf(visit));
  thread.progress.inputs = inputs;
  const result = await runIterations(visit, { inputs, atOnce, before }, runStates);
  recordAside(thread, 'MapStateSucceeded');
  return compute(visit, visit.state, result, { result });
};

const inputsOf = async (visit: Visit<MapState>) => {
  const items = await itemsOf(visit);
  record(visit.thread, 'MapStateStarted', { length: items.length });
  const inputs: Json[] = [];
  for (const [n, item] of items.entries())
    inputs.push(withinLimit(await selectItem(visit, item, n, STATE_DATA), visit.name));
  return inputs;
};

const runIterations = async (
  visit: Visit<MapState>,
  { inputs, atOnce, before }: { inputs: Json[]; atOnce: number; before: BranchProgress[] },
  runStates: RunStates,
) => {
  const { thread, name, state } = visit;
  const others = new AbortController();
  const running = new Map<Branch, number>();
  const results: Json[] = [];
  const queue = inputs.entries();
  const started = thread.last;

  /** Takes one item after another; each of its iterations follows, in the history, the one before. */
  const worker = async () => {
    let last = started;
    for (const [index, input] of queue) {
      before[index] ??= { progress: noProgress(), output: undefined };
      const { output: known } = before[index];
      if (known) {
        results[index] = known.value;
        continue;
      }
      const it = branch(thread, others.signal, last, before[index]);
      running.set(it, index);
      record(it.thread, 'MapIterationStarted', { index, name });
      results[index] = await runBranch(it, (inner) => runStates(state.ItemProcessor, input, inner)).catch((failure) => {
        // Iterations stopped because of another one come here too, and have nothing to add.
        if (!it.thread.signal.aborted) {
          others.abort(failure);
          thread.last = it.thread.last;
          recordAside(thread, 'MapIterationFailed', { index, name });
          reportAborted(thread, [...running.keys()], it, (other) =>
            recordAside(thread, 'MapIterationAborted', { index: running.get(other), name }),
          );
        }
        throw failure;
      });
      before[index].output = { value: results[index]! };
      running.delete(it);
      last = it.thread.last;
      thread.last = Math.max(thread.last, recordAside(it.thread, 'MapIterationSucceeded', { index, name }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, worker));
  return results;
};
