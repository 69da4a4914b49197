import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change } from './history.ts';

/** Writes the same history as each tool wants to find it. */
export const LAYOUTS = {
  lockstep: (folder: string, changes: Change[]) =>
    write(folder, changes, ({ up, down }, stem) => ({
      [`${stem}.up.sql`]: `${up}\n`,
      [`${stem}.down.sql`]: `${down}\n`,
    })),

  dbmate: (folder: string, changes: Change[]) =>
    write(folder, changes, ({ up, down }, stem) => ({
      [`${stem}.sql`]: `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`,
    })),

  'node-pg-migrate': (folder: string, changes: Change[]) =>
    write(folder, changes, ({ up, down }, stem) => ({
      [`${stem}.sql`]: `-- Up Migration\n${up}\n\n-- Down Migration\n${down}\n`,
    })),
};

export type Tool = keyof typeof LAYOUTS;

const write = async (
  folder: string,
  changes: Change[],
  files: (change: Change, stem: string) => Record<string, string>,
): Promise<string> => {
  await mkdir(folder, { recursive: true });
  for (const [at, change] of changes.entries()) {
    const stem = `${20_240_101_000_000 + at}_${change.name}`;
    for (const [file, content] of Object.entries(files(change, stem))) await writeFile(join(folder, file), content);
  }
  return folder;
};
