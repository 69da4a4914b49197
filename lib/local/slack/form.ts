import { failure } from '../../failure.ts';
import type { Block } from './block-kit/blocks.ts';
import type { InputElement } from './block-kit/elements.ts';

/** What a user puts into a modal's inputs, by block id: text, or the chosen option's value, or several of them. */
export type Entered = Record<string, string | string[]>;

export const NoSuchInput = failure(
  'NoSuchInput',
  ({ block, has }: { block: string; has: string[] }) =>
    `The modal has no input with the block_id "${block}"; it has ${has.join(', ') || 'none'}.`,
);
export const NoSuchOption = failure(
  'NoSuchOption',
  ({ value, options }: { value: string; options: string[] }) =>
    `"${value}" is none of the options: ${options.join(', ')}.`,
);

type InputBlock = Extract<Block, { type: 'input' }>;

export const inputsOf = (blocks: Block[]) => blocks.filter((it): it is InputBlock => it.type === 'input');

/** `state.values` of an interaction payload, and by block id what Slack would not let the user send. */
export const filledIn = (blocks: Block[], entered: Entered) => {
  const inputs = inputsOf(blocks);
  const stray = Object.keys(entered).find((block) => !inputs.some(({ block_id }) => block_id === block));
  if (stray !== undefined) throw new NoSuchInput({ block: stray, has: inputs.map(({ block_id }) => block_id) });
  const values: Record<string, Record<string, object>> = {};
  const errors: Record<string, string> = {};
  for (const block of inputs) {
    const given = entered[block.block_id] ?? initial(block.element);
    const problem = problemOf(block, given);
    if (problem) errors[block.block_id] = problem;
    values[block.block_id] = { [block.element.action_id]: stateOf(block.element, [given].flat()) };
  }
  return { values, errors };
};

/** What stands in an input before anybody has touched it. */
export const initial = (element: InputElement): string | string[] => {
  if (element.type === 'plain_text_input') return element.initial_value ?? '';
  if (element.type === 'checkboxes') return (element.initial_options ?? []).map(({ value }) => value);
  return element.initial_option?.value ?? '';
};

const problemOf = ({ element, optional }: InputBlock, given: string | string[]): string | undefined => {
  if (given.length === 0) return optional ? undefined : 'Please complete this required field.';
  if (element.type !== 'plain_text_input') return undefined;
  const { min_length: least = 0, max_length: most = 3000 } = element;
  if (given.length < least) return `Please enter at least ${least} characters.`;
  return given.length > most ? `Please enter no more than ${most} characters.` : undefined;
};

const stateOf = (element: InputElement, given: string[]): object => {
  const [first = ''] = given;
  if (element.type === 'plain_text_input') return { type: element.type, value: first === '' ? null : first };
  const chosen = given
    .filter((it) => it !== '')
    .map((value) => {
      const options: { value: string }[] = element.options;
      const found = options.find((it) => it.value === value);
      if (found) return found;
      throw new NoSuchOption({ value, options: options.map((it) => it.value) });
    });
  return element.type === 'checkboxes'
    ? { type: element.type, selected_options: chosen }
    : { type: element.type, selected_option: chosen[0] ?? null };
};
