import type { Json, JsonObject } from './asl.ts';
import { bytes, PAYLOAD_LIMIT } from './payload.ts';
import { dataLimitExceeded } from './state-error.ts';

/**
 * The variables of one workflow-local scope. Inner scopes (branches, iterations of an inline map) read outer
 * variables; the executions of a distributed map start with a fresh scope and see none.
 */
export type Scope = { own: Map<string, Json>; outer: Scope | undefined; usage: { bytes: number } };

export const topScope = (own = new Map<string, Json>()): Scope => ({
  own,
  outer: undefined,
  usage: { bytes: size(own) },
});
export const innerScope = (outer: Scope, own = new Map<string, Json>()): Scope => {
  outer.usage.bytes += size(own);
  return { own, outer, usage: outer.usage };
};

export const visibleVariables = (scope: Scope): JsonObject => ({
  ...(scope.outer && visibleVariables(scope.outer)),
  ...Object.fromEntries(scope.own),
});

/** Most bytes of all variables of an execution together (10 MiB). */
const TOTAL_LIMIT = 10 * 1024 * 1024;

/** Fails with States.DataLimitExceeded, before anything is assigned, when a limit would be passed. */
export const checkAssignment = (scope: Scope, assigned: JsonObject) => {
  const size = Object.values(assigned).reduce<number>((sum, value) => sum + bytes(value), 0);
  if (size > PAYLOAD_LIMIT)
    throw dataLimitExceeded(
      `The combined size of the variables assigned is ${size} bytes, more than the limit of ${PAYLOAD_LIMIT}.`,
    );
  const total = scope.usage.bytes + size - replaced(scope, assigned);
  if (total > TOTAL_LIMIT)
    throw dataLimitExceeded(
      `The total size of all variables would be ${total} bytes, more than the limit of ${TOTAL_LIMIT}.`,
    );
};

export const assign = (scope: Scope, assigned: JsonObject) => {
  scope.usage.bytes -= replaced(scope, assigned);
  for (const [name, value] of Object.entries(assigned)) {
    scope.own.set(name, value);
    scope.usage.bytes += bytes(value);
  }
};

/** The scope's variables are gone when its branch or iteration is over; who goes on from a failure has kept them. */
export const leaveScope = (scope: Scope) => {
  scope.usage.bytes -= size(scope.own);
  scope.own = new Map();
};

const size = (own: Map<string, Json>) => [...own.values()].reduce<number>((sum, value) => sum + bytes(value), 0);

const replaced = (scope: Scope, assigned: JsonObject) =>
  Object.keys(assigned).reduce((sum, name) => sum + (scope.own.has(name) ? bytes(scope.own.get(name)!) : 0), 0);
