import { createInterface } from 'node:readline/promises';
import { failure } from '../failure.ts';

/** A command that changes something was not told to go ahead; nothing was changed. */
export const NotConfirmed = failure('NotConfirmed', (it: { asked: boolean }) =>
  it.asked ? 'Nothing was changed.' : 'Nothing was changed: there is no terminal to ask at. Repeat it with --yes.',
);

/** Asks whoever sits at the terminal; only a plain yes counts. @throws NotConfirmed */
export const confirm = async (question: string, yes: boolean): Promise<void> => {
  if (yes) return;
  if (!process.stdin.isTTY) throw new NotConfirmed({ asked: false });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new NotConfirmed({ asked: true });
  } finally {
    terminal.close();
  }
};
