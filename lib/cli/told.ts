import { visible } from '../approval/page/visible.ts';

/**
 * What others have written, as a terminal may be given it: in one line, and without what would move the cursor, change
 * colours or read from right to left, or what runs CI would take for an order.
 */
export const told = (text: string): string => toldLines(text.replaceAll(/\s+/g, ' '));

/** The same with its lines kept. */
export const toldLines = (text: string): string =>
  visible(text)
    .replaceAll(/^(\s*)::/gm, '$1⟨::⟩')
    .replaceAll('##[', '⟨##⟩[');
