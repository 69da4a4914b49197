import { z } from 'zod';
import { type Button, button, type InputElement, image, inputElement } from './elements.ts';
import { address, anyText, identifier, plainText, text } from './text.ts';

const block_id = identifier.optional();

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: z.discriminatedUnion('type', [button, image]).optional(),
    expand: z.boolean().optional(),
  })
  .refine((it) => it.text ?? it.fields, 'must have either a text or fields');

const header = z.strictObject({ type: z.literal('header'), block_id, text: plainText(150) });
const divider = z.strictObject({ type: z.literal('divider'), block_id });

/** The length of a context's texts isn't told; 2000 is the least that any text in a list has. */
const contextElement = z.discriminatedUnion('type', [anyText(2000), image]);
const context = z.strictObject({
  type: z.literal('context'),
  block_id,
  elements: z.array(contextElement).min(1).max(10),
});

const actions = z.strictObject({
  type: z.literal('actions'),
  block_id,
  elements: z
    .array(z.discriminatedUnion('type', [button]))
    .min(1)
    .max(25),
});

const imageBlock = z.strictObject({
  type: z.literal('image'),
  block_id,
  image_url: address,
  alt_text: text(2000),
  title: plainText(2000).optional(),
});

const input = z.strictObject({
  type: z.literal('input'),
  block_id,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  optional: z.boolean().default(false),
  dispatch_action: z.literal(false).default(false),
  element: inputElement,
});

/** A message's blocks: those that the local Slack shows; others are refused. */
export const messageBlocks = z
  .array(z.discriminatedUnion('type', [section, header, divider, context, actions, imageBlock]))
  .max(50)
  .superRefine(identifiersAreUnique);

/** A modal's blocks. Inputs are for modals only here, though Slack takes them in messages too by now. */
export const modalBlocks = z
  .array(z.discriminatedUnion('type', [section, header, divider, context, actions, imageBlock, input]))
  .min(1)
  .max(100)
  .superRefine(identifiersAreUnique);

export type Block = { block_id: string } & (
  | Exclude<z.output<typeof modalBlocks>[number], { type: 'input' | 'actions' }>
  | { type: 'actions'; elements: Button[] }
  | (Omit<z.output<typeof input>, 'element'> & { element: InputElement })
);

type Unidentified = z.output<typeof modalBlocks>;

/** Gives the blocks and elements that have none the identifiers that Slack would make up. */
export const identified = (blocks: Unidentified, random: () => string): Block[] =>
  blocks.map((block) => {
    const named = <Element extends { type: string }>(it: Element) =>
      it.type === 'image' ? it : { action_id: random(), ...it };
    const own = { block_id: random(), ...block };
    if (own.type === 'actions') return { ...own, elements: own.elements.map(named) } as Block;
    if (own.type === 'input') return { ...own, element: named(own.element) } as Block;
    if (own.type === 'section' && own.accessory) return { ...own, accessory: named(own.accessory) } as Block;
    return own as Block;
  });

/** Every button of the blocks, with the block it stands in. */
export const buttonsOf = (blocks: Block[]): { blockId: string; button: Button }[] =>
  blocks.flatMap((block) => {
    const elements =
      block.type === 'actions' ? block.elements : block.type === 'section' && block.accessory ? [block.accessory] : [];
    return elements
      .filter((it): it is Button => it.type === 'button')
      .map((it) => ({ blockId: block.block_id, button: it }));
  });

function identifiersAreUnique(blocks: Unidentified, context: z.RefinementCtx) {
  const seen = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    if (block.block_id && seen.has(block.block_id)) {
      context.addIssue({
        code: 'custom',
        path: [index, 'block_id'],
        message: `\`block_id\` ${block.block_id} already exists`,
      });
    }
    if (block.block_id) seen.add(block.block_id);
    const ids = block.type === 'actions' ? block.elements.flatMap(({ action_id }) => action_id ?? []) : [];
    if (new Set(ids).size < ids.length) {
      context.addIssue({ code: 'custom', path: [index, 'elements'], message: '`action_id` already exists' });
    }
  }
}
