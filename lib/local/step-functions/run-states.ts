import type { State } from './asl.ts';
import { enter } from './progress.ts';
import { chooseNext } from './states/choice-state.ts';
import { fail } from './states/fail-state.ts';
import { runMap } from './states/map-state.ts';
import { runParallel } from './states/parallel-state.ts';
import { runPass } from './states/pass-state.ts';
import { runSucceed } from './states/succeed-state.ts';
import { runTask } from './states/task-state.ts';
import { runWait } from './states/wait-state.ts';
import { type RunStates, record, type Step, type Visit } from './visit.ts';

export const runStates: RunStates = async (machine, input, thread) => {
  const { progress } = thread;
  let resuming = progress.at !== undefined;
  let step: Step = { output: progress.at?.input ?? input, next: progress.at?.name ?? machine.StartAt };
  while (step.next !== undefined) {
    const state: State = machine.States[step.next]!;
    thread.execution.steps += 1;
    thread.active = state.Type;
    if (!resuming) {
      enter(progress, step.next, step.output);
      record(thread, `${state.Type}StateEntered`, { name: step.next, input: JSON.stringify(step.output) });
    }
    step = await run({
      thread,
      name: step.next,
      state,
      input: step.output,
      enteredAt: thread.engine.clock.now(),
      enteredId: thread.last,
      retries: 0,
      token: undefined,
      resuming,
    });
    resuming = false;
    thread.active = undefined;
  }
  return step.output;
};

const run = (visit: Visit): Promise<Step> => {
  const { state } = visit;
  switch (state.Type) {
    case 'Pass':
      return runPass({ ...visit, state });
    case 'Task':
      return runTask({ ...visit, state });
    case 'Choice':
      return chooseNext({ ...visit, state });
    case 'Wait':
      return runWait({ ...visit, state });
    case 'Succeed':
      return runSucceed({ ...visit, state });
    case 'Fail':
      return fail({ ...visit, state });
    case 'Parallel':
      return runParallel({ ...visit, state }, runStates);
    case 'Map':
      return runMap({ ...visit, state }, runStates);
  }
};
