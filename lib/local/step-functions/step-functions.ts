import type { Service } from '../service.ts';
import { api } from './api/api.ts';
import { executionDoesNotExist } from './api/api-error.ts';
import { type NewStateMachine, stateMachines } from './api/state-machine-actions.ts';
import type { Engine, StepFunctionsOptions } from './engine.ts';
import { billedTransitions, executions } from './executions.ts';
import { evaluator } from './jsonata/expression.ts';
import { SWITCHES } from './switches.ts';
import { taskTokens } from './task-tokens.ts';

export type { Invocation, StepFunctionsOptions } from './engine.ts';

export type StepFunctions = {
  /** Answers AWS JSON 1.0 requests for AWSStepFunctions. */
  service: Service;
  /** Returns its ARN; under a name that exists it makes a new revision. Throws InvalidDefinition. */
  createStateMachine(it: NewStateMachine): string;
  /** Starts an execution under a name that means nothing, and gives its ARN. */
  start(stateMachineArn: string, input: string): string;
  /** Whose task a token is for; undefined for a token that was never issued. */
  stateMachineOf(taskToken: string): string | undefined;
  /** State transitions as they would be billed, those of distributed maps' standard children and retries included. */
  transitions(executionArn: string): number;
  /** Aborts everything that runs, and waits until it has ended. */
  close(): Promise<void>;
};

/** Step Functions on one machine: standard workflows in JSONata, on the local cloud's functions, objects and clock. */
export const stepFunctions = (options: StepFunctionsOptions): StepFunctions => {
  const machines = stateMachines(options);
  const engine: Engine = {
    ...options,
    switches: { ...SWITCHES, ...options.switches },
    evaluate: evaluator(options.clock),
    tokens: taskTokens(),
    get executions() {
      return all;
    },
  };
  const all = executions(engine, machines.get);
  return {
    service: api(engine, machines),
    createStateMachine: machines.create,
    start: (stateMachineArn, input) => all.start({ stateMachineArn, input, name: undefined }).arn,
    stateMachineOf: engine.tokens.stateMachine,
    transitions(arn) {
      const execution = all.get(arn);
      if (!execution) throw executionDoesNotExist(arn);
      return billedTransitions(execution);
    },
    async close() {
      for (const execution of all.all()) execution.stop();
      await Promise.all(all.all().map(({ ended }) => ended));
      options.archive?.close();
    },
  };
};
