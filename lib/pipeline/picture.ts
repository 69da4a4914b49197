import type { Catch, State, StateMachine } from './asl.ts';
import { rolloutOf } from './rollout-props.ts';
import { workflow } from './workflow.ts';

type Scope = Pick<StateMachine, 'StartAt' | 'States'>;

/**
 * The workflow as a Mermaid flowchart, for people: states under their names in words, choices as questions, maps as
 * frames around what is done for each item. A catch of one kind of error is drawn under its name, a catch of all where
 * nothing else leads to its target; the others share one dotted edge.
 */
export const picture = (stateMachine: Scope): string =>
  ['flowchart TD', ...scope(stateMachine, 'run').map((line) => `  ${line}`)].join('\n');

const scope = ({ States }: Scope, id: string): string[] => {
  const states = Object.entries(States);
  const ways = states.flatMap(([name, state]) => waysFrom(name, state));
  const led = new Set(ways.map(({ target }) => target));
  const caught = states.flatMap(([name, state]) =>
    ('Catch' in state ? (state.Catch ?? []) : []).map((it) => ({ name, target: it.Next, error: special(it) })),
  );
  const catches = caught.filter(({ error }) => error === null);
  const shared = new Set(catches.map(({ target }) => target).filter((target) => led.has(target)));
  return [
    ...states.flatMap(([name, state]) => node(name, state)),
    ...ways.map(({ name, target, label }) => `${name} -->${label === null ? '' : `|${label}|`} ${target}`),
    ...caught.filter(({ error }) => error !== null).map((it) => `${it.name} -.->|${it.error}| ${it.target}`),
    ...new Set(catches.filter(({ target }) => !led.has(target)).map((it) => `${it.name} -.->|failure| ${it.target}`)),
    ...[...shared].map((target) => `${id}Failure(["on any failure"]) -.-> ${target}`),
  ];
};

const node = (name: string, state: State): string[] => {
  switch (state.Type) {
    case 'Choice':
      return [`${name}{${quoted(`${words(name)}?`)}}`];
    case 'Succeed':
    case 'Fail':
      return [`${name}([${quoted(words(name))}])`];
    case 'Wait':
      return [`${name}(${quoted(words(name))})`];
    case 'Map':
      return [
        `subgraph ${name}[${quoted(`${words(name)}: ${how(state)}`)}]`,
        ...scope(state.ItemProcessor, name).map((line) => `  ${line}`),
        'end',
      ];
    default:
      return waitsForPerson(state)
        ? [`${name}[/${quoted(`${words(name)} ${state.Comment ?? 'and wait for a person'}`)}/]`]
        : [`${name}[${quoted(words(name))}]`];
  }
};

/** A choice's default stands first: it is the way round or out, which is drawn worse between others. */
const waysFrom = (name: string, state: State): { name: string; target: string; label: string | null }[] => {
  if (state.Type !== 'Choice') return 'Next' in state ? [{ name, target: state.Next, label: null }] : [];
  const yesOrNo = state.Choices.length === 1;
  return [
    { name, target: state.Default, label: yesOrNo ? 'no' : 'otherwise' },
    ...state.Choices.map((it) => ({
      name,
      target: it.Next,
      label: yesOrNo ? 'yes' : (it.Comment ?? asked(it.Condition)),
    })),
  ];
};

/** `timeout` for a catch of `States.Timeout`, null for one of all failures. */
const special = ({ ErrorEquals }: Catch): string | null =>
  ErrorEquals.includes('States.ALL')
    ? null
    : ErrorEquals.map((it) => it.replace('States.', '').toLowerCase()).join(', ');

/** What a condition compares with: `{% $states.input.state = 'running' %}` asks for `running`. */
const asked = (condition: string): string =>
  condition.match(/= '(\w+)' %}$/)?.[1] ?? quoted(condition.slice(2, -2).trim());

const how = ({ Comment, MaxConcurrency }: State & { Type: 'Map' }): string => {
  if (Comment !== undefined) return Comment.charAt(0).toLowerCase() + Comment.slice(1);
  return MaxConcurrency === 1 ? 'one after another' : `up to ${MaxConcurrency} at once`;
};

const waitsForPerson = (state: State): boolean => state.Type === 'Task' && state.Resource.endsWith('.waitForTaskToken');

/** `AnythingPending` as "Anything pending". */
const words = (name: string): string => name.replaceAll(/(?<!^)[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);

const quoted = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`;

if (import.meta.main) {
  const shown = workflow({
    functionArn: (task) => task,
    bucket: 'bucket',
    approval: { expiresAfter: 86_400, remindBefore: 10_800 },
    rollout: rolloutOf({ windows: { timeZone: 'UTC' } }),
    databasesAtOnce: 1,
    healthCheck: { functionArn: 'check', service: 'service', environment: 'environment' },
  });
  console.log(`\`\`\`mermaid\n${picture(shown)}\n\`\`\``);
}
