import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A function's code: a folder as CDK stages it, or the text of `index.js`. */
export type Code = { directory: string } | { inline: string };

/**
 * Copies of functions' code. A copy, because its parent folder must not hold a package.json that calls everything below
 * it a module, as a project's may: above /var/task there is none on Lambda.
 */
export const codeFolder = (directory: string) => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{}');
  return {
    place(name: string, code: Code): string {
      const target = join(directory, `${name}-${randomUUID().slice(0, 8)}`);
      mkdirSync(target, { recursive: true });
      if ('directory' in code) cpSync(code.directory, target, { recursive: true, dereference: true });
      else writeFileSync(join(target, 'index.js'), code.inline);
      return target;
    },
    temporary(): string {
      const folder = join(directory, 'tmp', randomUUID());
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    clear: () => void (existsSync(directory) && rmSync(directory, { recursive: true, force: true })),
  };
};
