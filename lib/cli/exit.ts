import { CommanderError } from 'commander';

/** What each command's exit code means; told in every `--help`. */
export const exits = { done: 0, failed: 1, usage: 2, waiting: 3 } as const;

export type ExitCode = (typeof exits)[keyof typeof exits];

/** Ends a command early with this code; what there is to say has been printed. */
export const leave = (code: ExitCode): never => {
  throw new CommanderError(code, LEFT, '');
};

/** The exit code for what a command threw. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof CommanderError) {
    if (error.code === LEFT) return error.exitCode as ExitCode;
    // Commander ends --help and --version with 0 by throwing, too; all others are wrong usage.
    return error.exitCode === 0 ? exits.done : exits.usage;
  }
  return error instanceof Error && WRONG_USAGE.has(error.name) ? exits.usage : exits.failed;
};

const LEFT = 'lockstep.left';

/** Failures whose cause is how the command was called. */
const WRONG_USAGE = new Set([
  'FolderNotFound',
  'PolicyUnreadable',
  'NoCdkApp',
  'UnknownEnvironment',
  'UnknownDatabase',
  'UnknownRun',
  // What the approval endpoint calls it.
  'NoSuchRun',
  'IsARestore',
  'AmbiguousName',
  'MapNotRead',
  'StateUnusable',
  'StatusUnreadable',
  'SeveralServices',
  'SinceUnreadable',
  'FileUnfit',
  'DigestCut',
]);
