import { readFileSync } from 'node:fs';

const readme = readFileSync('README.md', 'utf8');

/** The console block of README whose command begins so, without the command itself. */
export const shownInReadme = (command: string): string => {
  const blocks = [...readme.matchAll(/```console\n\$ (.*)\n([\s\S]*?)```/g)];
  const found = blocks.find(([, line]) => line?.startsWith(command));
  if (!found) throw new Error(`README shows no output of ${command}`);
  return found[2] ?? '';
};
