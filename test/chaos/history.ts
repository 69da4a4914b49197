import { basename, resolve } from 'node:path';
import { bundle } from '../../lib/migrations/build.ts';
import type { Migration } from '../../lib/migrations/bundle.ts';

/** A history of migrations to be put through faults. */
export type History = {
  name: string;
  migrations: Migration[];
  /** Whether its files need a COMMIT of their own, or an isolation level, which not every Data API may allow. */
  needsCommit: boolean;
};

/** @throws FolderNotFound, MigrationsInvalid */
export const historyOf = async (folder: string, name = basename(resolve(folder))): Promise<History> =>
  named(name, (await bundle(folder)).bundle.migrations);

export const named = (name: string, migrations: Migration[]): History => ({
  name,
  migrations,
  needsCommit: migrations.some(({ up }) =>
    up.some(({ kind, transactional, isolation }) => isolation || (!transactional && /^(Do|Call)Stmt$/.test(kind))),
  ),
});

/** Its first migrations: what a whole run of is short. */
export const beginning = ({ name, migrations }: History, length: number): History =>
  named(`${name}'s first ${length}`, migrations.slice(0, length));
