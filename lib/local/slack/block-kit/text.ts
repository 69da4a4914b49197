import { z } from 'zod';

/** A text object without formatting (Block Kit, composition objects). Members that Slack adds are added. */
export const plainText = (longest: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(longest), emoji: z.boolean().default(true) });

/** A text object with or without formatting. */
export const anyText = (longest: number) =>
  z.discriminatedUnion('type', [
    plainText(longest),
    z.strictObject({ type: z.literal('mrkdwn'), text: text(longest), verbatim: z.boolean().default(false) }),
  ]);
export type Text = z.output<ReturnType<typeof anyText>>;

/** Length in UTF-16 units: where Slack counted otherwise, it would count fewer. */
export const text = (longest: number) => z.string().min(1).max(longest);

/** block_id, action_id, callback_id and external_id. */
export const identifier = text(255);

/** A web address, of images and buttons. */
export const address = text(3000).regex(/^https?:\/\/[^\s]+$/, 'must be a valid URL');
