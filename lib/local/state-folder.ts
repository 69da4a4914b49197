import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failure } from '../failure.ts';

export const StateUnusable = failure(
  'StateUnusable',
  (it: { directory: string; reason: string }) =>
    `The state can't be kept in ${it.directory} (${it.reason}). Name a folder that exists or can be made.`,
);

/**
 * Makes the folder for a cloud's state, with those above it. Step by step: what Node offers for that never comes back
 * from where the kernel says that a folder can't be made because there is none, as under /proc.
 * @throws StateUnusable
 */
export const makeStateFolder = (directory: string): void => {
  try {
    make(directory);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StateUnusable({ directory, reason }, { cause });
  }
};

const make = (folder: string): void => {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (!there && dirname(folder) !== folder) make(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
};
