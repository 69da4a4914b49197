import { checkState } from './check-state.ts';
import type { ProblemCode } from './definition.ts';
import { isObject } from './is-object.ts';

/** What is known on the way through a definition. */
export type Check = {
  report(at: string, message: string, code?: ProblemCode): void;
  /** Is JSONata the language of states that don't say? */
  jsonata: boolean;
  /** Inside of express children: no callbacks, no `.sync`, no distributed maps. */
  express: boolean;
  /** Inside of a distributed map. */
  distributed: boolean;
  /** All states' names so far, which must be unique across the whole definition, and all labels. */
  stateNames: Set<string>;
  labels: Set<string>;
  /** Variables assigned in outer scopes, which inner scopes must not assign. */
  outerVariables: Set<string>;
};

type Fields = Record<string, unknown>;

/** Checks StartAt and States of a state machine, a branch or a processor, and that its states hang together. */
export const checkMachine = (machine: Fields, at: string, check: Check, further: string[]) => {
  const place = at || '/';
  for (const field of Object.keys(machine))
    if (!['StartAt', 'States', ...further].includes(field)) check.report(place, `Field '${field}' is not supported`);
  const missing = ['StartAt', 'States'].filter((field) => machine[field] === undefined);
  if (missing.length > 0) return check.report(place, `These fields are required: [${missing.join(', ')}]`);
  const { StartAt: start, States: states } = machine;
  if (!isObject(states) || Object.keys(states).length === 0)
    return check.report(`${at}/States`, 'Expected an object of at least one state');
  if (typeof start !== 'string') return check.report(`${at}/StartAt`, 'Expected value of type [STRING]');
  checkNames(states, at, check);
  const inner = { ...check, outerVariables: new Set([...check.outerVariables, ...assignedIn(states)]) };
  for (const [name, state] of Object.entries(states)) {
    if (isObject(state)) checkState(state, `${at}/States/${name}`, check, inner);
    else check.report(`${at}/States/${name}`, 'Expected value of type [OBJECT]');
  }
  checkTransitions(start, states, at, check);
};

const checkNames = (states: Fields, at: string, check: Check) => {
  for (const name of Object.keys(states)) {
    if (name.length > 80) check.report(`${at}/States/${name}`, 'State name exceeds 80 characters');
    if (check.stateNames.has(name))
      check.report(`${at}/States/${name}`, `The state name '${name}' is used more than once`, 'DUPLICATE_STATE_NAME');
    check.stateNames.add(name);
  }
};

const checkTransitions = (start: string, states: Fields, at: string, check: Check) => {
  const missing = (target: unknown, where: string) => {
    if (typeof target === 'string' && !Object.hasOwn(states, target))
      check.report(
        `${at}${where}`,
        `Missing '${where.split('/').at(-1)}' target: ${target}`,
        'MISSING_TRANSITION_TARGET',
      );
  };
  missing(start, '/StartAt');
  for (const [name, state] of Object.entries(states))
    for (const { target, where } of transitions(state)) missing(target, `/States/${name}/${where}`);

  const reached = new Set<string>();
  const visit = (name: string) => {
    if (reached.has(name) || !Object.hasOwn(states, name)) return;
    reached.add(name);
    for (const { target } of transitions(states[name])) if (typeof target === 'string') visit(target);
  };
  visit(start);
  for (const name of Object.keys(states))
    if (!reached.has(name))
      check.report(`${at}/States/${name}`, `State '${name}' is not reachable.`, 'MISSING_TRANSITION_TARGET');
  if (!Object.values(states).some(isTerminal))
    check.report(`${at}/States`, 'No terminal state found in machine', 'MISSING_END_STATE');
};

const isTerminal = (state: unknown) =>
  isObject(state) && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail');

/** Every way out of a state, with the field that tells it. */
const transitions = (state: unknown): { target: unknown; where: string }[] => {
  if (!isObject(state)) return [];
  return [
    { target: state.Next, where: 'Next' },
    { target: state.Default, where: 'Default' },
    ...rules(state).map(({ rule, where }) => ({ target: rule.Next, where: `${where}/Next` })),
  ].filter(({ target }) => target !== undefined);
};

/** The choice rules and catchers of a state. */
const rules = (state: Fields) =>
  ['Choices', 'Catch'].flatMap((field) => {
    const list = state[field];
    return (Array.isArray(list) ? list : []).flatMap((rule, n) =>
      isObject(rule) ? [{ rule, where: `${field}[${n}]` }] : [],
    );
  });

/** Names of all variables that the states of one scope assign. */
const assignedIn = (states: Fields) =>
  Object.values(states).flatMap((state) =>
    isObject(state)
      ? [state, ...rules(state).map(({ rule }) => rule)].flatMap(({ Assign }) =>
          isObject(Assign) ? Object.keys(Assign) : [],
        )
      : [],
  );
