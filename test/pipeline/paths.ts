import type { State, StateMachine } from '../../lib/pipeline/asl.ts';

type Scope = Pick<StateMachine, 'StartAt' | 'States'>;

/** All states with their names, those within maps included. */
export const allStates = ({ States }: Scope): [string, State][] =>
  Object.entries(States).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...(state.Type === 'Map' ? allStates(state.ItemProcessor) : []),
  ]);

/**
 * How a run can end without passing the state named `by`; nothing, if every way and every failure leads there. What
 * happens within a map is up to the map: its catch takes what fails in there, at any depth.
 */
export const waysAround = (definition: Scope, by: string): string[] => {
  const before = reached(definition, [definition.StartAt], by);
  return [
    ...before.flatMap((name) => {
      const state = definition.States[name]!;
      return [
        ...(waysOn(state).length === 0 ? [`${name} ends the run without a report`] : []),
        ...(canFail(state) && !catchesAll(state) ? [`${name} may fail without a report`] : []),
      ];
    }),
    ...loose(definition),
  ];
};

/** Names of the states that a run may come back to, at any depth. */
export const onCycle = (definition: Scope): string[] => [
  ...Object.entries(definition.States).flatMap(([name, state]) => [
    ...(reached(definition, waysOn(state)).includes(name) ? [name] : []),
    ...(state.Type === 'Map' ? onCycle(state.ItemProcessor) : []),
  ]),
];

/** States that nothing leads to, and states that lead to no end, at any depth. */
const loose = (scope: Scope): string[] => {
  const live = reached(scope, [scope.StartAt]);
  return Object.entries(scope.States).flatMap(([name, state]) => [
    ...(live.includes(name) ? [] : [`${name} is never reached`]),
    ...(reached(scope, [name]).some((it) => waysOn(scope.States[it]!).length === 0)
      ? []
      : [`${name} never comes to an end`]),
    ...(state.Type === 'Map' ? loose(state.ItemProcessor) : []),
  ]);
};

/** All that can be reached from some states, these included, without entering `gate`. */
const reached = ({ States }: Scope, from: string[], gate?: string): string[] => {
  const found = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === gate || found.has(name)) continue;
    found.add(name);
    open.push(...waysOn(States[name]!));
  }
  return [...found];
};

const waysOn = (state: State): string[] => [
  ...('Next' in state ? [state.Next] : []),
  ...(state.Type === 'Choice' ? [...state.Choices.map(({ Next }) => Next), state.Default] : []),
  ...('Catch' in state ? (state.Catch ?? []).map(({ Next }) => Next) : []),
];

const canFail = ({ Type }: State): boolean => Type === 'Task' || Type === 'Map';

const catchesAll = (state: State): boolean =>
  'Catch' in state && (state.Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
