import type { Command } from 'commander';
import * as run from './local-run.ts';
import * as up from './local-up.ts';

export const register = (program: Command): void => {
  const local = program.command('local').description('Runs everything on this machine, without an AWS account.');
  for (const command of [run, up]) command.register(local);
};
