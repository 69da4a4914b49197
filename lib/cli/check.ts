import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { failure } from '../failure.ts';
import type { Finding } from '../migrations/lint/judge.ts';
import type { LintPolicy } from '../migrations/lint/policy.ts';
import { type Problem, render } from '../migrations/problem.ts';
import { exits, leave } from './exit.ts';
import { epilogue } from './help.ts';
import { outputOf, painter, type Style } from './output.ts';
import { counted, table } from './words.ts';

/** What a rule has found, with its file's path as the folder was given, and the line that it stands in. */
export type CheckedFinding = Finding & Pick<Problem, 'excerpt'>;

/** What `lockstep check --json` prints. */
export type Report = { problems: Problem[]; findings: CheckedFinding[]; migrations: number; statements: number };

export const PolicyUnreadable = failure(
  'PolicyUnreadable',
  (it: { file: string; problems: string[] }) => `${it.file} is no policy for linting: ${it.problems.join('; ')}`,
);

type Options = { json?: boolean; sarif?: boolean; all?: boolean; policy?: string; rules?: boolean };

export const register = (program: Command): void => {
  program
    .command('check')
    .description('Tells everything that is wrong with the files of a folder of migrations, and what is risky in them.')
    .argument('[dir]', 'folder of migrations', 'migrations')
    .addOption(new Option('--json', 'print {problems, findings, migrations, statements}').conflicts('sarif'))
    .option('--sarif', 'print SARIF 2.1.0, as for GitHub code scanning')
    .option('--policy <file>', "lint by an environment's policy, too")
    .option('--all', 'show notes and what is excepted, too')
    .option('--rules', 'list the rules, and leave')
    .addHelpText('after', epilogue({ 0: 'no errors', 1: 'errors found' }, 'lockstep check migrations'))
    .action(async (folder: string, options: Options, command: Command) => {
      const { print, colours } = outputOf(command);
      if (options.rules) return print(await listOfRules(colours));
      const report = await check(folder, options.policy);
      if (options.sarif) print(JSON.stringify((await import('./sarif.ts')).sarif(report), null, 2));
      else print(options.json ? JSON.stringify(report, null, 2) : view(report, colours, options.all === true));
      if (report.problems.length > 0 || report.findings.some(isError)) leave(exits.failed);
    });
};

/** @throws FolderNotFound, SquawkMissing, PolicyUnreadable */
export const check = async (folder: string, policyFile?: string): Promise<Report> => {
  const [{ inspect }, { judge }] = await Promise.all([
    import('../migrations/build.ts'),
    import('../migrations/lint/judge.ts'),
  ]);
  const environment = policyFile === undefined ? {} : await policyIn(policyFile);
  const { migrations, problems, policy } = await inspect(folder);
  const files = migrations.flatMap(({ up, down }) => [up, down?.statements ?? []]);
  const found = judge({ migrations, lint: { version: 0, ...(policy && { policy }) } }, environment);
  const findings = await Promise.all(found.map((it) => inFolder(folder, it)));
  return { problems, findings, migrations: migrations.length, statements: files.flat().length };
};

const policyIn = async (file: string): Promise<LintPolicy> => {
  const [{ LintPolicy }, { policyProblems }] = await Promise.all([
    import('../migrations/lint/policy.ts'),
    import('../migrations/lint/policy-problems.ts'),
  ]);
  try {
    const value = JSON.parse(await readFile(file, 'utf8'));
    const problems = policyProblems(value);
    if (problems.length > 0) throw new PolicyUnreadable({ file, problems });
    return LintPolicy.parse(value);
  } catch (cause) {
    if (cause instanceof PolicyUnreadable) throw cause;
    throw new PolicyUnreadable({ file, problems: [(cause as Error).message] }, { cause });
  }
};

const inFolder = async (folder: string, finding: Finding): Promise<CheckedFinding> => {
  const file = join(folder, finding.file);
  const excerpt = (await readFile(file, 'utf8')).replace(/^\ufeff/, '').split(/\r\n|\r|\n/)[finding.line - 1];
  return { ...finding, file, ...(finding.statement !== undefined && excerpt && { excerpt }) };
};

const isError = ({ severity, excepted }: Finding): boolean => severity === 'error' && excepted === undefined;

const STYLES: Record<Finding['severity'], Style> = { error: 'red', warning: 'yellow', info: 'dim' };

const view = ({ problems, findings, migrations, statements }: Report, colours: boolean, all: boolean): string => {
  const shown = findings.filter(({ severity, excepted }) => all || (severity !== 'info' && !excepted));
  const blocks = [
    ...problems.map((problem) => `${render(problem, { colours })}\n`),
    ...shown.map((finding) => `${findingView(finding, colours)}\n`),
  ];
  const hidden = findings.length - shown.length;
  const more = hidden > 0 && problems.length === 0 ? ` (--all shows ${counted(hidden, 'more finding')})` : '';
  return [...blocks, `${summary({ problems, findings, migrations, statements })}${more}`].join('\n');
};

const summary = ({ problems, findings, migrations, statements }: Report): string => {
  const counting = findings.filter(({ excepted }) => !excepted);
  const of = (wanted: string) => counting.filter(({ severity }) => severity === wanted).length;
  const files = new Set(problems.map(({ file }) => file)).size;
  const counts = [
    ...(problems.length > 0 ? [`${counted(problems.length, 'problem')} in ${counted(files, 'file')}`] : []),
    ...(of('error') > 0 ? [counted(of('error'), 'error')] : []),
    ...(of('warning') > 0 ? [counted(of('warning'), 'warning')] : []),
  ];
  if (problems.length > 0) return counts.join(', ');
  const sound = `${counted(migrations, 'migration')}, ${counted(statements, 'statement')}`;
  return [sound, ...(of('error') > 0 ? [] : ['no problems']), ...counts].join(', ');
};

const findingView = (it: CheckedFinding, colours: boolean): string => {
  const { rule, severity, why, rewrite, excepted, excerpt, file, line, column } = it;
  const paint = painter(colours);
  const head = `${excepted ? 'excepted' : severity === 'info' ? 'note' : severity} ${rule}`;
  const message = `${paint(STYLES[severity], head)}: ${why}`;
  const remedy = excepted ? `excepted by ${excepted.by}: ${excepted.reason}` : `safe: ${rewrite}`;
  return render({ file, line, column, message, remedy, excerpt }, { colours, style: null });
};

const listOfRules = async (colours: boolean): Promise<string> => {
  const [{ ruleNames, ruleNamed, OWN }, { SQUAWK }] = await Promise.all([
    import('../migrations/lint/rules.ts'),
    import('../migrations/lint/squawk-rules.ts'),
  ]);
  const rows = ruleNames().map((name) => {
    const { severity, why } = ruleNamed(name)!;
    return [name, severity, Object.hasOwn(OWN, name) ? 'Lockstep' : 'squawk', why.replaceAll('{}', '…')];
  });
  const off = Object.entries(SQUAWK).flatMap(([name, it]) => ('off' in it ? [[name, it.see ?? '', it.off]] : []));
  const [head, ...lines] = table([['rule', 'severity', 'of', 'what it finds'], ...rows]);
  const [offHead, ...offLines] = table([['not used of squawk', 'said by', 'why'], ...off]);
  const dim = (text: string | undefined) => painter(colours)('dim', text ?? '');
  return [dim(head), ...lines, '', dim(offHead), ...offLines].join('\n');
};
