import { visible } from '../approval/page/visible.ts';

/**
 * What others have written, as a terminal may be given it: in one line, and without what would move the cursor, change
 * colours or read from right to left.
 */
export const told = (text: string): string => visible(text.replaceAll(/\s+/g, ' '));
