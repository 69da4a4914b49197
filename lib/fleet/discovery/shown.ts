/** A value out of a foreign hand, as a person may safely see it: in quotes, short, of plain characters. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  const plain = text.replaceAll(/[^\x20-\x7e]/gu, (it) => `\\u{${it.codePointAt(0)!.toString(16)}}`);
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
};
