import type { Migration, Statement } from '../bundle.ts';
import type { Token } from '../scan.ts';
import { position, type Source } from '../source.ts';
import { ownFindings } from './find.ts';
import type { Found } from './found.ts';
import { runSquawk, type Squawked } from './run-squawk.ts';

type File = { source: Source; tokens: Token[] };

/**
 * Adds to migrations what Lockstep's own rules and squawk find in them. Squawk is not asked of those before `since`:
 * nobody is told, and every function that reads a bundle would carry it along.
 * @throws SquawkMissing
 */
export const lintFiles = async (
  migrations: Migration[],
  fileNamed: (name: string) => File,
  since?: string,
): Promise<Migration[]> => {
  const begin = Math.max(
    0,
    migrations.findIndex(({ id }) => id === since),
  );
  const files = migrations
    .slice(begin)
    .map(({ file, mode }) => ({ ...fileNamed(file), inTransaction: mode === 'transactional' }));
  const squawked = await runSquawk(files);
  const found = ownFindings(migrations);
  return migrations.map((migration, at) => {
    const own = found[at]!;
    const its = at - begin;
    const squawk = (squawked[its] ?? []).map((it) => placed(it, files[its]!.source, migration.up));
    const lint = {
      ...(own.length > 0 && { own }),
      ...(squawk.length > 0 && { squawk }),
      ...migration.lint,
    };
    return Object.keys(lint).length > 0 ? { ...migration, lint } : migration;
  });
};

const placed = ({ rule, at }: Squawked, of: Source, statements: Statement[]): Found => {
  const statement = statements.findIndex(({ offset, length }) => of.mark + at < offset + length);
  return { rule, ...(statement >= 0 && { statement }), ...position(of, at) };
};
