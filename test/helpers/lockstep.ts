import { run } from '../../lib/cli/program.ts';

/** Runs a command line as `lockstep` would, outside of a terminal. */
export const lockstep = async (...line: string[]) => {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(line, {
    writeOut: (text) => {
      stdout += text;
    },
    writeErr: (text) => {
      stderr += text;
    },
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  return { exitCode, stdout, stderr };
};
