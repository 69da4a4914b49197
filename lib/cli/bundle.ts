import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { failure } from '../failure.ts';
import type { MigrationsInvalid } from '../migrations/build.ts';
import type { Migration } from '../migrations/bundle.ts';
import { render } from '../migrations/problem.ts';
import { epilogue } from './help.ts';
import { type Output, outputOf, painter } from './output.ts';
import { counted, size, table } from './words.ts';

/** What `lockstep bundle --json` prints: the bundle's name and what is in it. */
export type Contents = {
  digest: string;
  migrations: {
    id: string;
    name: string;
    file: string;
    mode: Migration['mode'];
    /** Number of statements that bring it in. */
    statements: number;
    /** Whether a file takes it back. */
    down: boolean;
    /** Of the up file, in bytes. */
    size: number;
  }[];
  /** Queries that must find no rows, and when they are run. */
  verify: { name: string; file: string; when: 'before' | 'after' | 'both' }[];
};

export const FileNotWritten = failure(
  'FileNotWritten',
  (it: { file: string; reason: string }) =>
    `${it.file} can't be written (${it.reason}). Name a file in a folder that exists.`,
);

type Options = { json?: boolean; output?: string };

export const register = (program: Command): void => {
  program
    .command('bundle')
    .description('Shows the bundle that a folder of migrations makes: its digest and what is in it.')
    .argument('[dir]', 'folder of migrations', 'migrations')
    .option('--json', 'print {digest, migrations, verify}')
    .option('--output <file>', "write the bundle's canonical JSON there; its SHA-256 is the digest")
    .addHelpText(
      'after',
      epilogue(
        { 0: 'the bundle is sound', 1: 'problems in the files' },
        'lockstep bundle migrations --output bundle.json',
      ),
    )
    .action(async (folder: string, { json, output }: Options, command: Command) => {
      const { print, complain, colours, complaintColours } = outputOf(command);
      const contents = await bundle(folder, output).catch((error) => {
        if (!json) listProblems(error, complain, complaintColours);
        throw error;
      });
      print(json ? JSON.stringify(contents, null, 2) : view(contents, colours));
    });
};

/** @throws FolderNotFound, MigrationsInvalid, FileNotWritten */
export const bundle = async (folder: string, output?: string): Promise<Contents> => {
  const { bundle } = await import('../migrations/build.ts');
  const made = await bundle(folder);
  if (output) {
    const { canonical } = await import('../migrations/digest.ts');
    await writeFile(output, canonical(made.bundle)).catch((cause: NodeJS.ErrnoException) => {
      throw new FileNotWritten({ file: output, reason: cause.code ?? cause.message }, { cause });
    });
  }
  const migrations = made.bundle.migrations.map(({ id, name, file, mode, up, down }) => ({
    ...{ id, name, file, mode },
    statements: up.length,
    down: down !== null,
    size: made.bytes.get(file)!,
  }));
  const verify = (made.bundle.verify ?? []).map(({ name, file, when }) => ({ name, file, when }));
  return { digest: made.digest, migrations, verify };
};

const view = ({ digest, migrations, verify }: Contents, colours: boolean): string => {
  const paint = painter(colours);
  const heads = ['id', 'name', 'file', 'mode', 'statements', 'down', 'size'];
  const rows = migrations.map((it) => [
    ...[it.id, it.name, it.file, it.mode],
    ...[String(it.statements), it.down ? 'yes' : 'no', size(it.size)],
  ]);
  const [head, ...lines] = table([heads, ...rows], [4, 6]);
  const statements = migrations.reduce((sum, it) => sum + it.statements, 0);
  const total = `${counted(migrations.length, 'migration')}, ${counted(statements, 'statement')}`;
  const checks = verify.map(
    ({ file, when }) => `${file} must find no rows ${when === 'both' ? 'before and after' : when} a run`,
  );
  return [`${paint('dim', 'digest')} ${digest}`, '', paint('dim', head!), ...lines, '', ...checks, total].join('\n');
};

/** A person gets every problem with its place, before the sentence that ends the command. */
const listProblems = (error: unknown, complain: Output['complain'], colours: boolean): void => {
  if (!(error instanceof Error) || error.name !== 'MigrationsInvalid') return;
  const { problems } = (error as InstanceType<typeof MigrationsInvalid>).details;
  for (const problem of problems) complain(`${render(problem, { colours })}\n`);
};
