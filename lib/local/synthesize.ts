import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { failure } from '../failure.ts';

/** There is no CDK app where one was looked for. */
export const NoCdkApp = failure(
  'NoCdkApp',
  (it: { directory: string }) => `There is no cdk.json in ${it.directory}. Run this in the folder of your CDK app.`,
);

/** The CDK app did not synthesize. */
export const SynthesisFailed = failure(
  'SynthesisFailed',
  (it: { app: string; output: string }) => `\`${it.app}\` failed:\n${it.output.trim()}`,
);

/**
 * Runs a folder's CDK app as `cdk synth` does, into `out`: the command in cdk.json, in a process of its own, told
 * where to write and which context to use. What it writes is what `cdk deploy` would deploy.
 * @throws NoCdkApp, SynthesisFailed
 */
export const synthesize = async (
  directory: string,
  out: string,
  context: Record<string, string | number> = {},
): Promise<void> => {
  if (!existsSync(join(directory, 'cdk.json'))) throw new NoCdkApp({ directory });
  const settings = JSON.parse(readFileSync(join(directory, 'cdk.json'), 'utf8')) as { app: string; context?: object };
  const environment = {
    ...process.env,
    // The app's `node` is to be this one, whatever stands first on the path.
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    CDK_OUTDIR: out,
    CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...cached(directory), ...context }),
  };
  await new Promise<void>((resolve, reject) => {
    execFile(
      shell,
      [flag, settings.app],
      { cwd: directory, env: environment, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error) reject(new SynthesisFailed({ app: settings.app, output: stderr || stdout || error.message }));
        else resolve();
      },
    );
  });
};

const [shell, flag] = process.platform === 'win32' ? (['cmd', '/c'] as const) : (['sh', '-c'] as const);

const cached = (directory: string): object => {
  const file = join(directory, 'cdk.context.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
};
