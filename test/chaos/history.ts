import { basename, resolve } from 'node:path';
import { bundle } from '../../lib/migrations/build.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';

/** A history of migrations to be put through faults. */
export type History = {
  name: string;
  migrations: Migration[];
  /** Made up by chance: its downs are known to work. */
  generated: boolean;
};

/** @throws FolderNotFound, MigrationsInvalid */
export const historyOf = async (folder: string, name = basename(resolve(folder))): Promise<History> => ({
  name,
  migrations: (await bundle(folder)).bundle.migrations,
  generated: false,
});

/** Whether files need a COMMIT of their own, or an isolation level, which not every Data API may allow. */
export const needCommit = (migrations: Migration[]): boolean =>
  migrations.some(({ up, down }) =>
    [...up, ...(down?.statements ?? [])].some(
      ({ kind, transactional, isolation }) => isolation || (!transactional && /^(Do|Call)Stmt$/.test(kind)),
    ),
  );
