import { styleText } from 'node:util';
import type { Command } from 'commander';

/** Where a command prints, and how. */
export type Output = {
  /** One text to stdout, with a newline behind it. */
  print(text: string): void;
  /** One text to stderr: what is not the result. */
  complain(text: string): void;
  /** Whether stdout, or stderr, is a terminal that shows colours; NO_COLOR and FORCE_COLOR are honoured. */
  colours: boolean;
  complaintColours: boolean;
};

export type Style = Parameters<typeof styleText>[0];

/** A command's output, as the program was configured. */
export const outputOf = (command: Command): Output => {
  const { writeOut, writeErr, getOutHasColors, getErrHasColors } = command.configureOutput();
  return {
    print: (text) => writeOut?.(`${text}\n`),
    complain: (text) => writeErr?.(`${text}\n`),
    colours: getOutHasColors?.() ?? false,
    complaintColours: getErrHasColors?.() ?? false,
  };
};

/** Styles texts where colours are wanted, and leaves them as they are elsewhere. */
export const painter = (colours: boolean) => (style: Style, text: string) =>
  colours ? styleText(style, text, { validateStream: false }) : text;
