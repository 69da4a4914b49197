import { Command, CommanderError, type OutputConfiguration } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { isExpected } from '../failure.ts';
import * as approvals from './approvals.ts';
import * as attest from './attest.ts';
import * as baseline from './baseline.ts';
import * as bundle from './bundle.ts';
import * as check from './check.ts';
import * as control from './control.ts';
import * as decide from './decide.ts';
import * as drift from './drift.ts';
import { type ExitCode, exitCodeOf, exits } from './exit.ts';
import * as history from './history.ts';
import * as local from './local.ts';
import { type Output, outputOf, painter } from './output.ts';
import * as plan from './plan.ts';
import * as resolve from './resolve.ts';
import * as restore from './restore.ts';
import * as revert from './revert.ts';
import * as runs from './run.ts';
import * as status from './status.ts';
import * as throttle from './throttle.ts';
import * as watch from './watch.ts';

/** The `lockstep` program with all its commands. `output` is where it prints; a terminal, unless told otherwise. */
export const program = (output: OutputConfiguration = {}): Command => {
  const lockstep = new Command('lockstep')
    .description('Keeps every database of a service on the same schema.')
    .version(manifest.version)
    .configureOutput(output)
    .exitOverride()
    .showHelpAfterError('Run it with --help to see what it takes.');
  const looking = [local, check, bundle, plan, runs, attest, watch, status, history, drift, approvals];
  for (const command of [...looking, decide, control, throttle, resolve, revert, restore, baseline])
    command.register(lockstep);
  return lockstep;
};

/** Runs one command line (without node and script) and tells the exit code; never throws. */
export const run = async (line: string[], output?: OutputConfiguration): Promise<ExitCode> => {
  const lockstep = program(output);
  try {
    await lockstep.parseAsync(line, { from: 'user' });
    return exits.done;
  } catch (error) {
    // Commander has printed its own complaints already.
    if (!(error instanceof CommanderError)) report(error, line, outputOf(lockstep));
    return exitCodeOf(error);
  }
};

/** Expected failures and what AWS refuses are told in a sentence, all others are bugs and keep their stack. */
const report = (error: unknown, line: string[], { print, complain, complaintColours }: Output): void => {
  if (!isExpected(error) && !isRefusedByAws(error)) {
    complain(error instanceof Error ? (error.stack ?? String(error)) : `threw ${String(error)}`);
    return;
  }
  const { name, message } = error;
  const details = 'details' in error ? error.details : {};
  // What watch prints is read line by line.
  const indent = line[0] === 'watch' ? 0 : 2;
  if (line.includes('--json')) print(JSON.stringify({ error: name, message, details }, null, indent));
  else complain(`${painter(complaintColours)('red', name)}: ${message}`);
};

/** Credentials that are not there, have expired, or may not do this. */
const isRefusedByAws = (error: unknown): error is Error =>
  error instanceof Error && /^(AccessDenied|ExpiredToken|UnrecognizedClient|CredentialsProviderError)/.test(error.name);
