import { z } from 'zod';
import { modalBlocks } from './blocks.ts';
import { identifier, plainText } from './text.ts';

/** A modal as an app describes it (docs.slack.dev/reference/views/modal-views). Home tabs are refused. */
export const modal = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    close: plainText(24).optional(),
    submit: plainText(24).optional(),
    blocks: modalBlocks,
    private_metadata: z.string().max(3000).default(''),
    callback_id: z.string().max(255).default(''),
    external_id: identifier.optional(),
    clear_on_close: z.boolean().default(false),
    notify_on_close: z.boolean().default(false),
  })
  .superRefine(({ blocks, submit }, context) => {
    const index = blocks.findIndex(({ type }) => type === 'input');
    if (index < 0 || submit) return;
    context.addIssue({
      code: 'custom',
      path: ['blocks', index],
      message: 'must define `submit` to use an `input` block',
    });
  });
export type Modal = z.output<typeof modal>;
