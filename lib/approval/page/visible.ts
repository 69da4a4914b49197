/**
 * Spells out what a browser would hide, show as an ordinary blank, or take for an order to show text the other way
 * round: one approves what one sees.
 */
export const visible = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(DECEPTIVE, (it) => `⟨U+${it.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** Formats, separators, lone surrogates, private and unassigned characters, fillers; controls and blanks but the usual. */
const DECEPTIVE = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]|[^\P{Cc}\n\t]|[^\P{Zs} ]/gu;
