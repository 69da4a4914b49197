import type { State, StateMachine } from './asl.ts';
import { workflow } from './workflow.ts';

type Scope = Pick<StateMachine, 'StartAt' | 'States'>;

/**
 * The workflow as a Mermaid flowchart, for people: states under their names in words, choices as questions, maps as
 * frames around what is done for each item. A catch is drawn where nothing else leads to its target; the others share
 * one dotted edge.
 */
export const picture = (stateMachine: Scope): string =>
  ['flowchart TD', ...scope(stateMachine, 'run').map((line) => `  ${line}`)].join('\n');

const scope = ({ States }: Scope, id: string): string[] => {
  const states = Object.entries(States);
  const ways = states.flatMap(([name, state]) => waysFrom(name, state));
  const led = new Set(ways.map(({ target }) => target));
  const catches = states.flatMap(([name, state]) =>
    [...new Set('Catch' in state ? state.Catch?.map(({ Next }) => Next) : [])].map((target) => ({ name, target })),
  );
  const shared = new Set(catches.map(({ target }) => target).filter((target) => led.has(target)));
  return [
    ...states.flatMap(([name, state]) => node(name, state)),
    ...ways.map(({ name, target, label }) => `${name} -->${label === null ? '' : `|${label}|`} ${target}`),
    ...catches.filter(({ target }) => !led.has(target)).map(({ name, target }) => `${name} -.->|failure| ${target}`),
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
        ? [`${name}[/${quoted(`${words(name)} and wait for a person`)}/]`]
        : [`${name}[${quoted(words(name))}]`];
  }
};

/** A choice's default stands first: it is the way round or out, which is drawn worse between others. */
const waysFrom = (name: string, state: State): { name: string; target: string; label: string | null }[] => {
  if (state.Type !== 'Choice') return 'Next' in state ? [{ name, target: state.Next, label: null }] : [];
  const yesOrNo = state.Choices.length === 1;
  return [
    { name, target: state.Default, label: yesOrNo ? 'no' : 'otherwise' },
    ...state.Choices.map(({ Condition, Next }) => ({ name, target: Next, label: yesOrNo ? 'yes' : asked(Condition) })),
  ];
};

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
  const shown = workflow({ functionArn: (task) => task, bucket: 'bucket', approvalSeconds: 86_400, concurrency: 10 });
  console.log(`\`\`\`mermaid\n${picture(shown)}\n\`\`\``);
}
