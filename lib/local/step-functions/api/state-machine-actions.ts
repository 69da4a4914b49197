import { randomUUID } from 'node:crypto';
import { parseDefinition } from '../definition/definition.ts';
import type { Engine, LoggingConfiguration, StateMachine, StepFunctionsOptions } from '../engine.ts';
import { isName } from '../names.ts';
import { type Actions, epochSeconds } from './api.ts';
import { ApiError, executionDoesNotExist, stateMachineDoesNotExist } from './api-error.ts';
import { page } from './paging.ts';

export type NewStateMachine = {
  name: string;
  definition: string;
  roleArn: string;
  loggingConfiguration?: LoggingConfiguration;
};

export type StateMachines = {
  /** Creates it, or a new revision of the one of that name; returns its ARN. Throws InvalidDefinition. */
  create(it: NewStateMachine): string;
  get(arn: string): StateMachine | undefined;
  all(): StateMachine[];
};

export const stateMachines = ({ place, clock }: Pick<StepFunctionsOptions, 'place' | 'clock'>): StateMachines => {
  const known = new Map<string, StateMachine>();
  return {
    create({ name, definition: text, roleArn, loggingConfiguration }) {
      if (!isName(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
      const definition = parseDefinition(text);
      const arn = `arn:aws:states:${place.region}:${place.account}:stateMachine:${name}`;
      const now = clock.now();
      known.set(arn, {
        arn,
        name,
        roleArn,
        text,
        definition,
        revisionId: randomUUID(),
        creationDate: known.get(arn)?.creationDate ?? now,
        updateDate: now,
        loggingConfiguration: loggingConfiguration ?? { level: 'OFF', includeExecutionData: false },
      });
      return arn;
    },
    get: (arn) => known.get(arn),
    all: () => [...known.values()],
  };
};

export const stateMachineActions = (engine: Engine, machines: StateMachines): Actions => ({
  ListStateMachines(input) {
    const { items, nextToken } = page(input, machines.all(), ({ arn }) => arn);
    return {
      stateMachines: items.map(({ arn, name, creationDate }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD',
        creationDate: epochSeconds(creationDate),
      })),
      nextToken,
    };
  },

  DescribeStateMachine(input) {
    const arn = stateMachineArn(input.string('stateMachineArn', { most: 256 }));
    const machine = machines.get(arn);
    if (!machine) throw stateMachineDoesNotExist(arn);
    return {
      ...common(machine),
      status: 'ACTIVE',
      type: 'STANDARD',
      creationDate: epochSeconds(machine.creationDate),
    };
  },

  DescribeStateMachineForExecution(input) {
    const arn = input.string('executionArn', { most: 256 });
    const execution = engine.executions.get(arn);
    if (!execution) throw executionDoesNotExist(arn);
    const { stateMachine, mapRun } = execution;
    return {
      ...common(stateMachine),
      updateDate: epochSeconds(stateMachine.updateDate),
      ...(mapRun && { mapRunArn: mapRun.arn, label: mapRun.label }),
    };
  },
});

/** Refuses what isn't the ARN of a state machine. Versions and aliases don't exist here, so none is found. */
export const stateMachineArn = (arn: string) => {
  if (/^arn:aws:states:[^:]+:\d+:stateMachine:.+$/.test(arn)) return arn;
  throw new ApiError('InvalidArn', `Invalid Arn: '${arn}' is not the ARN of a state machine`);
};

const common = ({ arn, name, text, roleArn, loggingConfiguration, revisionId }: StateMachine) => ({
  stateMachineArn: arn,
  name,
  definition: text,
  roleArn,
  loggingConfiguration,
  tracingConfiguration: { enabled: false },
  revisionId,
});
