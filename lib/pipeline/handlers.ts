import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

/** The handlers by their file's name in `lambdas/`. */
export const handlers = [
  'admit',
  'lint',
  'discover',
  'inspect-cluster',
  'measure',
  'plan',
  'request-approval',
  'gate',
  'park',
  'hold',
  'ensure-restore-point',
  'apply',
  'verify',
  'record-failure',
  'converge',
  'report',
  'admit-restore',
  'plan-restore',
  'advance-restore',
  'check-restored',
  'report-restore',
  'admit-preview',
  'plan-preview',
  'fingerprint-cluster',
  'find-drift',
  'tell-drift',
  'approvals',
  'slack-interactions',
  'slack-decision',
  'close-run',
  'attest',
  'promote',
] as const;

export type HandlerName = (typeof handlers)[number];

/** The handler behind a step: the same name in another case. */
export const handlerOf = (step: string): HandlerName =>
  step.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase() as HandlerName;

/** The bundled code of one handler: `index.js` with a `handler`. */
export const handlerCode = (name: HandlerName): Code => Code.fromAsset(join(bundled(), name));

/**
 * Bundles all handlers in one go, once per process. CommonJS, since the AWS SDK asks for `node:https` by `require`,
 * which an ES module bundle does not have; the SDK is brought along, as AWS advises, so that what runs is what was tested.
 */
const bundled = (): string => {
  if (directory !== undefined) return directory;
  // Beside what is synthesized, which goes with it if the process is killed.
  const parent = process.env.CDK_OUTDIR ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  directory = mkdtempSync(join(parent, 'lockstep-handlers-'));
  process.once('exit', remove);
  buildSync({
    entryPoints: handlers.map((name) => ({
      in: join(import.meta.dirname, '../../lambdas', `${name}.ts`),
      out: join(name, 'index'),
    })),
    outdir: directory,
    absWorkingDir: join(import.meta.dirname, '../..'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  // Looked for beside the code; the only step that has it.
  copyFileSync(
    createRequire(import.meta.url).resolve(`libpg-query/${PARSER}`),
    join(directory, 'lint', basename(PARSER)),
  );
  return directory;
};

const PARSER = 'wasm/libpg-query.wasm';

let directory: string | undefined;

const remove = () => directory !== undefined && rmSync(directory, { recursive: true, force: true });
