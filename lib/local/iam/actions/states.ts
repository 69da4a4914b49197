import type { Place } from '../../service.ts';
import type { Mapping } from '../mapping.ts';
import { refuseInJson } from '../refusals.ts';
import { entryOf, type Input, inputOf, operationOf } from './json-operation.ts';

/**
 * Answers to a task belong to the state machine whose task it is.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 */
export const statesActions = (place: Place, stateMachineOf: (taskToken: string) => string | undefined): Mapping => ({
  checks(request) {
    const operation = operationOf(request);
    const resourceOf = entryOf(RESOURCES, operation);
    const input = inputOf(request);
    if (!resourceOf || !input) return resourceOf && [];
    const action = `states:${operation}`;
    const { partition, region, account } = place;
    if (operation === 'ListStateMachines')
      return [{ action, resource: '*', shown: `arn:${partition}:states:${region}:${account}:stateMachine:*` }];
    const resource = resourceOf(input, stateMachineOf);
    // A token that nobody issued belongs to no state machine; the service refuses it.
    return resource === undefined ? [] : [{ action, resource: String(resource) }];
  },
  refuse: refuseInJson,
});

type ResourceOf = (input: Input, stateMachineOf: (taskToken: string) => string | undefined) => unknown;

const stateMachine: ResourceOf = (input) => String(input.stateMachineArn);
const execution: ResourceOf = (input) => String(input.executionArn);
const mapRun: ResourceOf = (input) => String(input.mapRunArn);
const task: ResourceOf = ({ taskToken }, stateMachineOf) => stateMachineOf(String(taskToken));

const RESOURCES: Record<string, ResourceOf> = {
  StartExecution: stateMachine,
  StopExecution: execution,
  RedriveExecution: execution,
  DescribeExecution: execution,
  GetExecutionHistory: execution,
  DescribeStateMachineForExecution: execution,
  ListMapRuns: execution,
  ListExecutions: (input) => String(input.stateMachineArn ?? input.mapRunArn),
  DescribeStateMachine: stateMachine,
  ListStateMachines: () => '*',
  DescribeMapRun: mapRun,
  UpdateMapRun: mapRun,
  SendTaskSuccess: task,
  SendTaskFailure: task,
  SendTaskHeartbeat: task,
};
