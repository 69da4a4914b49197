import { RESOURCES, type Resource } from '../asl.ts';
import type { Check } from './check-machine.ts';
import { checkNumber, checkTemplate } from './check-template.ts';
import { isObject } from './is-object.ts';

type Fields = Record<string, unknown>;

export const checkTask = (state: Fields, at: string, check: Check) => {
  for (const field of ['TimeoutSeconds', 'HeartbeatSeconds'] as const)
    if (state[field] !== undefined) checkNumber(state[field], `${at}/${field}`, check, 1);
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof heartbeat === 'number' && typeof timeout === 'number' && heartbeat >= timeout)
    check.report(`${at}/HeartbeatSeconds`, 'HeartbeatSeconds must be smaller than TimeoutSeconds');
  checkResource(state, at, check);
};

const checkResource = (state: Fields, at: string, check: Check) => {
  const { Resource: resource, Arguments: args } = state;
  if (typeof resource !== 'string') return check.report(`${at}/Resource`, 'The field Resource is required in a Task');
  if (!Object.hasOwn(RESOURCES, resource))
    return check.report(
      `${at}/Resource`,
      `The resource ${resource} is not supported by the local Step Functions, which knows ${Object.keys(RESOURCES).join(', ')}`,
    );
  for (const suffix of ['.waitForTaskToken', '.sync:2'])
    if (check.express && resource.endsWith(suffix))
      check.report(
        `${at}/Resource`,
        `Express state machine does not support '${suffix.replace(':2', '')}' service integration`,
      );
  if (args === undefined) return check.report(`${at}/Arguments`, 'The field Arguments is required in this Task');
  checkTemplate(args, `${at}/Arguments`, check);
  if (isObject(args)) checkArguments(resource as Resource, args, `${at}/Arguments`, check);
  else if (typeof args !== 'string') check.report(`${at}/Arguments`, 'Expected an object or a JSONata expression');
};

const checkArguments = (resource: Resource, args: Fields, at: string, check: Check) => {
  const { required, optional } = RESOURCES[resource] as { required: readonly string[]; optional: readonly string[] };
  for (const name of required) if (!(name in args)) check.report(at, `The field '${name}' is required but was missing`);
  for (const name of Object.keys(args))
    if (!required.includes(name) && !optional.includes(name))
      check.report(`${at}/${name}`, `The field '${name}' is not supported by the local Step Functions`);
};
