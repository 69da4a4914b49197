import { failure } from '../failure.ts';
import type { Bundle, Directives, Migration, Statement } from './bundle.ts';
import { type Surroundings, surroundings } from './classify.ts';
import { digest, frozen, sha256 } from './digest.ts';
import { directives } from './directives.ts';
import { type Files, readFolder } from './folder.ts';
import { readName } from './names.ts';
import { inOrder, type Problem } from './problem.ts';
import { loadParser } from './scan.ts';
import { tooLarge } from './size.ts';
import type { Source } from './source.ts';
import { split } from './split.ts';
import { statements } from './statements.ts';

export const MigrationsInvalid = failure('MigrationsInvalid', (it: { folder: string; problems: Problem[] }) => {
  const [first] = it.problems;
  const more = it.problems.length > 1 ? ` (and ${it.problems.length - 1} more)` : '';
  const where = first ? `${first.file}:${first.line}:${first.column} ${first.message}${more}` : '';
  return `The migrations in ${it.folder} can't be bundled: ${where}. Mend what \`lockstep check ${it.folder}\` lists.`;
});

/** What a folder of migrations holds, sound or not. */
export type Inspection = { migrations: Migration[]; problems: Problem[]; bytes: Map<string, number> };

/**
 * Makes a folder of migrations a bundle. Same files, same bundle: on any machine, whatever the order of reading.
 * @returns the bundle, deep-frozen, its digest, and each file's size in bytes by its name
 * @throws FolderNotFound, MigrationsInvalid
 */
export const bundle = async (
  folder: string,
): Promise<{ bundle: Bundle; digest: string; bytes: ReadonlyMap<string, number> }> => {
  const { migrations, problems, bytes } = await inspect(folder);
  if (problems.length > 0) throw new MigrationsInvalid({ folder, problems });
  const made = frozen<Bundle>({ format: 1, migrations });
  return { bundle: made, digest: digest(made), bytes };
};

/** Reads a folder of migrations and tells all that is wrong with it. @throws FolderNotFound */
export const inspect = async (folder: string): Promise<Inspection> => {
  const [{ migrations, sources, problems }] = await Promise.all([readFolder(folder), loadParser()]);
  const files = new Map([...sources].map(([name, source]) => [name, { source, ...split(source) }]));
  const around = surroundings([...files.values()].flatMap(({ parts }) => parts));
  const compiled = new Map([...files].map(([name, file]) => [name, compile(file, around)]));
  return {
    migrations: migrations.map((pair) => migration(pair, compiled)).filter((made) => made !== null),
    problems: inOrder([
      ...problems,
      ...[...files.values()].flatMap((file) => file.problems),
      ...[...compiled.values()].flatMap((file) => file.problems),
    ]),
    bytes: new Map([...sources].map(([name, source]) => [name, source.bytes.length])),
  };
};

type Compiled = {
  made: Pick<Migration, 'checksum' | 'mode' | 'directives'> & { statements: Statement[] };
  problems: Problem[];
};

const compile = (
  { source, parts, tokens }: { source: Source } & ReturnType<typeof split>,
  around: Surroundings,
): Compiled => {
  const asked = directives(source, tokens, readName(source.name)?.direction ?? 'up');
  const made = statements(source, parts, around, asked.directives);
  const whole = made.statements.every(({ transactional, group }) => transactional && group === undefined);
  return {
    made: {
      checksum: sha256(source.bytes),
      mode: whole ? 'transactional' : 'stepwise',
      ...(anything(asked.directives) && { directives: asked.directives }),
      statements: made.statements,
    },
    problems: [...asked.problems, ...made.problems, ...tooLarge(source, made.statements)],
  };
};

const anything = (asked: Directives): boolean => Object.keys(asked).length > 0;

/** Null while one of its files can't be read: there is a problem that tells so. */
const migration = ({ up, down }: Files, compiled: Map<string, Compiled>): Migration | null => {
  const made = compiled.get(up.file)?.made;
  const undo = down && compiled.get(down.file)?.made;
  if (!made || undo === undefined) return null;
  const { statements, ...rest } = made;
  return {
    id: up.id,
    name: up.name,
    file: up.file,
    ...rest,
    up: statements,
    down: undo && down && { file: down.file, ...undo },
  };
};
