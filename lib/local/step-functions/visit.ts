import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Json, Machine, Outcome, State } from './asl.ts';
import type { Engine, Execution } from './engine.ts';
import { type EvaluationInput, evaluateAssign, evaluateTemplate } from './jsonata/evaluate.ts';
import { withinLimit } from './payload.ts';
import type { Progress } from './progress.ts';
import { assign, checkAssignment, type Scope } from './variables.ts';

/** One thread of control: an execution's own, or that of a branch or iteration within it. */
export type Thread = {
  engine: Engine;
  execution: Execution;
  scope: Scope;
  signal: AbortSignal;
  /** Id of the event that its next event follows. */
  last: number;
  /** The state it is in. */
  active: State['Type'] | undefined;
  /** How far it has come, for the case that it is redriven. */
  progress: Progress;
};

/** One stay in one state, retries included. */
export type Visit<S extends State = State> = {
  thread: Thread;
  name: string;
  state: S;
  input: Json;
  enteredAt: Date;
  enteredId: number;
  retries: number;
  token: string | undefined;
  /** Whether the state goes on where a redriven execution has failed in it. The first attempt takes it away. */
  resuming: boolean;
};

/** Where a state leads: `next` is undefined at the end of its machine. */
export type Step = { output: Json; next: string | undefined };

/** Runs all states of a machine from its start to its end. */
export type RunStates = (machine: Machine, input: Json, thread: Thread) => Promise<Json>;

/** Appends to the history, as the thread's next event. An aborted thread stops here instead of reporting on. */
export const record = (thread: Thread, type: HistoryEventType, details?: Record<string, unknown>) => {
  thread.last = recordAside(thread, type, details);
};

/** Appends an event that the thread's next event does not follow; returns its id. */
export const recordAside = (thread: Thread, type: HistoryEventType, details?: Record<string, unknown>) => {
  thread.signal.throwIfAborted();
  return thread.execution.history.append(type, details, thread.last);
};

/** What a state's Output and Assign came to; nothing of it has happened yet. */
export type Computed = { output: Json; assigned: Record<string, Json> | undefined };

/** Evaluates Output and Assign, side by side, with the variables as they were on entry. */
export const compute = async (
  visit: Visit,
  fields: Outcome,
  otherwise: Json,
  given: EvaluationInput & { prefix?: string } = {},
): Promise<Computed> => {
  const { prefix = '', ...values } = given;
  const output =
    fields.Output === undefined ? otherwise : await evaluateTemplate(visit, `${prefix}Output`, fields.Output, values);
  const assigned = fields.Assign && (await evaluateAssign(visit, `${prefix}Assign`, fields.Assign, values));
  if (assigned) checkAssignment(visit.thread.scope, assigned);
  return { output: withinLimit(output, visit.name), assigned };
};

/** Leaves the state: the event, then the variables, which only the next state sees. */
export const leave = (visit: Visit, { output, assigned }: Computed, next: string | undefined): Step => {
  record(visit.thread, `${visit.state.Type as Exclude<State['Type'], 'Fail'>}StateExited`, {
    name: visit.name,
    output: JSON.stringify(output),
    ...(assigned && {
      assignedVariables: Object.fromEntries(
        Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
      ),
    }),
  });
  if (assigned) assign(visit.thread.scope, assigned);
  return { output, next };
};
