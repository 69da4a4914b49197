import { z } from 'zod';
import { address, anyText, identifier, plainText, text } from './text.ts';

const style = z.enum(['primary', 'danger']);

const confirmation = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: style.optional(),
});

/** Limits of all elements as docs.slack.dev/reference/block-kit/block-elements gives them. */
export const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: identifier.optional(),
  url: address.optional(),
  value: text(2000).optional(),
  style: style.optional(),
  confirm: confirmation.optional(),
  accessibility_label: text(75).optional(),
});
export type Button = z.output<typeof button> & { action_id: string };

export const image = z.strictObject({ type: z.literal('image'), image_url: address, alt_text: text(2000) });

const input = { action_id: identifier.optional(), focus_on_load: z.boolean().optional() };
const placeholder = plainText(150).optional();

const plainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  ...input,
  placeholder,
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
});

/** Older texts give a value 75 characters, newer ones 150. */
const option = <Label extends z.ZodType>(label: Label) =>
  z.strictObject({ text: label, value: text(75), description: plainText(75).optional() });

const staticSelect = z.strictObject({
  type: z.literal('static_select'),
  ...input,
  placeholder,
  options: z
    .array(option(plainText(75)))
    .min(1)
    .max(100),
  initial_option: option(plainText(75)).optional(),
});

const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  ...input,
  options: z
    .array(option(anyText(75)))
    .min(1)
    .max(10),
  initial_option: option(anyText(75)).optional(),
});

const checkboxes = z.strictObject({
  type: z.literal('checkboxes'),
  ...input,
  options: z
    .array(option(anyText(75)))
    .min(1)
    .max(10),
  initial_options: z
    .array(option(anyText(75)))
    .min(1)
    .max(10)
    .optional(),
});

/** What a user can fill in. */
export const inputElement = z
  .discriminatedUnion('type', [plainTextInput, staticSelect, radioButtons, checkboxes])
  .superRefine((element, context) => {
    if (element.type === 'plain_text_input') return;
    const initial =
      'initial_options' in element
        ? element.initial_options
        : 'initial_option' in element
          ? element.initial_option
          : [];
    const offered = element.options.map((it) => JSON.stringify(it));
    if ([initial ?? []].flat().every((it) => offered.includes(JSON.stringify(it)))) return;
    context.addIssue({ code: 'custom', message: 'initial options must exactly match one of the options' });
  });
export type InputElement = z.output<typeof inputElement> & { action_id: string };
