import type { Command } from 'commander';
import { type Problem, render } from '../migrations/problem.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf } from './output.ts';
import { counted } from './words.ts';

/** What `lockstep check --json` prints. */
export type Report = { problems: Problem[]; migrations: number; statements: number };

export const register = (program: Command): void => {
  program
    .command('check')
    .description('Tells everything that is wrong with the files of a folder of migrations.')
    .argument('[dir]', 'folder of migrations', 'migrations')
    .option('--json', 'print {problems, migrations, statements}')
    .addHelpText('after', epilogue({ 0: 'no problems', 1: 'problems found' }, 'lockstep check migrations'))
    .action(async (folder: string, { json }: { json?: boolean }, command: Command) => {
      const { print, colours } = outputOf(command);
      const report = await check(folder);
      print(json ? JSON.stringify(report, null, 2) : view(report, colours));
      if (report.problems.length > 0) leave(exits.failed);
    });
};

/** @throws FolderNotFound */
export const check = async (folder: string): Promise<Report> => {
  const { inspect } = await import('../migrations/build.ts');
  const { migrations, problems } = await inspect(folder);
  const files = migrations.flatMap(({ up, down }) => [up, down?.statements ?? []]);
  return { problems, migrations: migrations.length, statements: files.flat().length };
};

const view = ({ problems, migrations, statements }: Report, colours: boolean): string => {
  if (problems.length === 0) {
    return `${counted(migrations, 'migration')}, ${counted(statements, 'statement')}, no problems`;
  }
  const files = new Set(problems.map(({ file }) => file)).size;
  const shown = problems.map((problem) => `${render(problem, { colours })}\n`);
  return [...shown, `${counted(problems.length, 'problem')} in ${counted(files, 'file')}`].join('\n');
};
