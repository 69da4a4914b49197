import { failure } from '../failure.ts';
import type { Bundle, Check, Directives, Migration, Statement } from './bundle.ts';
import { type Surroundings, surroundings } from './classify.ts';
import { digest, frozen, sha256 } from './digest.ts';
import { directives } from './directives.ts';
import { readFolder } from './folder.ts';
import { exceptions } from './lint/exceptions.ts';
import { type Exception, LINT_VERSION } from './lint/found.ts';
import { lintFiles } from './lint/lint-files.ts';
import type { LintPolicy } from './lint/policy.ts';
import { readLintPolicy } from './lint/read-policy.ts';
import { type FileName, readName } from './names.ts';
import { inOrder, type Problem } from './problem.ts';
import { loadParser, mayHoldComments, scan } from './scan.ts';
import { sections } from './sections.ts';
import { tooLarge } from './size.ts';
import { problemAt, type Source } from './source.ts';
import { split } from './split.ts';
import { statements } from './statements.ts';
import { readChecks } from './verify-files.ts';

export const MigrationsInvalid = failure('MigrationsInvalid', (it: { folder: string; problems: Problem[] }) => {
  const [first] = it.problems;
  const more = it.problems.length > 1 ? ` (and ${it.problems.length - 1} more)` : '';
  const where = first ? `${first.file}:${first.line}:${first.column} ${first.message}${more}` : '';
  return `The migrations in ${it.folder} can't be bundled: ${where}. Mend what \`lockstep check ${it.folder}\` lists.`;
});

/** What a folder of migrations holds, sound or not. */
export type Inspection = {
  migrations: Migration[];
  checks: Check[];
  problems: Problem[];
  bytes: Map<string, number>;
  /** What the folder's `lint.json` says, if there is one. */
  policy?: LintPolicy;
};

/**
 * Makes a folder of migrations a bundle. Same files, same bundle: on any machine, whatever the order of reading.
 * @returns the bundle, deep-frozen, its digest, and each file's size in bytes by its name
 * @throws FolderNotFound, MigrationsInvalid, SquawkMissing
 */
export const bundle = async (
  folder: string,
): Promise<{ bundle: Bundle; digest: string; bytes: ReadonlyMap<string, number> }> => {
  const { migrations, checks, problems, bytes, policy } = await inspect(folder);
  if (problems.length > 0) throw new MigrationsInvalid({ folder, problems });
  const lint = { version: LINT_VERSION, ...(policy && { policy }) };
  const made = frozen<Bundle>({ format: 1, migrations, lint, ...(checks.length > 0 && { verify: checks }) });
  return { bundle: made, digest: digest(made), bytes };
};

/** Reads a folder of migrations and tells all that is wrong with it. @throws FolderNotFound, SquawkMissing */
export const inspect = async (folder: string): Promise<Inspection> => {
  const { migrations, sources, problems } = readFolder(folder);
  await loadParser();
  const { checks, problems: unfit } = readChecks(folder);
  const files = new Map([...sources].map(([name, source]) => [name, takenApart(source)]));
  const all = [...files.values()].flatMap(({ file, undo }) => [file, ...(undo ? [undo] : [])]);
  const around = surroundings(all.flatMap(({ parts }) => parts));
  const compiled = new Map(all.map((file) => [file, compile(file, around)]));
  const made = (name: string | undefined) => compiled.get(files.get(name ?? '')?.file as File);
  const { policy, problems: ofPolicy } = readLintPolicy(
    folder,
    migrations.map(({ up }) => up.id),
  );
  const built = migrations
    .map(({ up, down }) => {
      const undo = files.get(up.file)?.undo;
      const taken = down
        ? { file: down.file, made: made(down.file) }
        : undo && { file: up.file, made: compiled.get(undo) };
      return migration(up, made(up.file), taken ?? null);
    })
    .filter((one) => one !== null);
  return {
    ...(policy && { policy }),
    migrations: await lintFiles(built, (name) => files.get(name)!.file, policy?.since),
    checks,
    problems: inOrder([
      ...problems,
      ...ofPolicy,
      ...unfit,
      ...migrations.flatMap(({ up, down }) => (down ? twoWaysBack(files.get(up.file), down.file) : [])),
      ...all.flatMap((file) => file.problems),
      ...[...compiled.values()].flatMap((file) => file.problems),
    ]),
    bytes: new Map([...sources].map(([name, source]) => [name, source.bytes.length])),
  };
};

/** A file, or the part of one that goes in one direction. */
type File = ReturnType<typeof split> & { source: Source; direction: 'up' | 'down'; stepwise: boolean; above: number };

/** A file with both directions in it becomes two; a down without a statement is none, it could take nothing back. */
const takenApart = (source: Source): { file: File; undo: File | null } => {
  const direction = readName(source.name)?.direction ?? 'up';
  const tokens = mayHoldComments(source.body) ? (scan(source.body.toString('utf8')) ?? []) : [];
  const halves = sections(source, tokens, direction);
  const { up = source, down = null, downAt = 0, stepwise, problems = [] } = halves ?? {};
  const file = { source: up, direction, stepwise: stepwise?.up === true, above: 0, ...split(up) };
  file.problems.unshift(...problems);
  if (!down) return { file, undo: null };
  const undo: File = {
    source: down,
    direction: 'down',
    stepwise: stepwise?.down === true,
    above: downAt,
    ...split(down),
  };
  return { file, undo: undo.parts.length + undo.problems.length > 0 ? undo : null };
};

const twoWaysBack = (up: { undo: File | null } | undefined, down: string): Problem[] =>
  up?.undo
    ? [
        problemAt(
          up.undo.source,
          up.undo.above,
          `what takes this migration back stands here and in ${down}, too`,
          'keep one of the two',
        ),
      ]
    : [];

type Compiled = {
  made: Pick<Migration, 'checksum' | 'mode' | 'directives'> & { statements: Statement[] };
  exceptions: Exception[];
  problems: Problem[];
};

const compile = ({ source, parts, tokens, direction, stepwise, above }: File, around: Surroundings): Compiled => {
  const asked = directives(source, tokens, direction, above);
  const wanted: Directives = { ...asked.directives, ...(stepwise && { stepwise }) };
  const made = statements(source, parts, around, wanted);
  const excepted = exceptions(source, tokens, made.statements, { direction, above });
  const whole = made.statements.every(({ transactional, group }) => transactional && group === undefined);
  return {
    made: {
      checksum: sha256(source.bytes),
      mode: whole ? 'transactional' : 'stepwise',
      ...(anything(wanted) && { directives: wanted }),
      statements: made.statements,
    },
    exceptions: excepted.exceptions,
    problems: [...asked.problems, ...excepted.problems, ...made.problems, ...tooLarge(source, made.statements)],
  };
};

const anything = (asked: Directives): boolean => Object.keys(asked).length > 0;

/** Null while one of its files can't be read: there is a problem that tells so. */
const migration = (
  up: FileName,
  made: Compiled | undefined,
  down: { file: string; made: Compiled | undefined } | null,
): Migration | null => {
  if (!made || (down && !down.made)) return null;
  const { statements, ...rest } = made.made;
  const exceptions = [...made.exceptions, ...(down?.made?.exceptions ?? [])];
  return {
    id: up.id,
    name: up.name,
    file: up.file,
    ...rest,
    up: statements,
    down: down?.made ? { file: down.file, ...down.made.made } : null,
    ...(exceptions.length > 0 && { lint: { exceptions } }),
  };
};
