import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

type Step = {
  name?: string;
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, string | number | boolean>;
  env?: Record<string, string>;
  run?: string;
};
type Job = { needs?: string; if?: string; environment?: string; steps: Step[] };
type Values = Record<string, string>;

/** What bash was given so far. */
export const scriptsRun = new Set<string>();

/** What a job has left behind. */
export type JobRun = { code: number; log: string; summary: string; outputs: Values };

const made: string[] = [];
process.once('exit', () => made.forEach((it) => void rmSync(it, { recursive: true, force: true })));

/** A repository as somebody has it who copied our workflow files, `migrations` being theirs. */
export const checkout = (migrations: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-checkout-'));
  made.push(directory);
  const named = { name: 'lockstep', version: '1.0.0', private: true, bin: { lockstep: 'bin/lockstep.ts' } };
  // Their own tests, which pass.
  const scripts = { e2e: 'node -e ""' };
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ ...named, scripts }));
  const { bin: _, private: __, ...lock } = named;
  const packages = { '': lock };
  writeFileSync(join(directory, 'package-lock.json'), JSON.stringify({ ...lock, lockfileVersion: 3, packages }));
  for (const it of ['bin', 'lib', '.github']) symlinkSync(resolve(it), join(directory, it));
  symlinkSync(resolve(migrations), join(directory, 'migrations'));
  return directory;
};

/**
 * Runs a job of a workflow file as GitHub's runner does, as far as ours go: each `run` by bash with `-e -o pipefail`, our
 * own action step by step, and of others' actions what `others` knows. An expression that it doesn't know is an error.
 */
export const runJob = async (
  file: string,
  name: string,
  it: {
    directory: string;
    /** Values of expressions, by their text. */
    expressions: Values;
    environment: Values;
    /** By name without version: gives variables for the steps that follow. */
    others: Record<string, (inputs: Values, directory: string) => Promise<Values>>;
  },
): Promise<JobRun> => {
  const job = (parse(readFileSync(file, 'utf8')) as { jobs: Record<string, Job> }).jobs[name]!;
  const runner = mkdtempSync(join(tmpdir(), 'lockstep-runner-'));
  made.push(runner);
  const files = { GITHUB_STEP_SUMMARY: join(runner, 'summary'), GITHUB_OUTPUT: join(runner, 'output') };
  for (const path of Object.values(files)) writeFileSync(path, '');
  let variables: Values = { ...it.environment, ...files, RUNNER_TEMP: runner };
  const ended: JobRun = { code: 0, log: '', summary: '', outputs: {} };

  // The steps of an action go by how those before them in it have fared, not by the job.
  const steps = async (all: Step[], expressions: Values, own: Values = {}): Promise<number> => {
    let failed = 0;
    for (const step of all) {
      if ((failed !== 0 && !EVER.test(step.if ?? '')) || !holds(step.if, expressions)) continue;
      const env = filled(step.env ?? {}, expressions);
      if (step.run !== undefined) {
        scriptsRun.add(step.run);
        const { code, log } = await bash(step.run, it.directory, { ...variables, ...own, ...env });
        failed ||= code;
        ended.log += log;
      } else if (step.uses?.startsWith('./')) {
        const path = join(it.directory, step.uses);
        const action = parse(readFileSync(join(path, 'action.yml'), 'utf8'));
        const given = filled({ ...defaultsOf(action.inputs), ...step.with }, expressions);
        const inputs = Object.fromEntries(Object.entries(given).map(([key, value]) => [`inputs.${key}`, value]));
        const code = await steps(action.runs.steps, { ...expressions, ...inputs }, { GITHUB_ACTION_PATH: path });
        failed ||= code;
      } else {
        const act = it.others[step.uses!.split('@')[0]!];
        if (!act) throw new Error(`nobody knows here what ${step.uses} does`);
        variables = { ...variables, ...(await act(filled(step.with ?? {}, expressions), it.directory)) };
      }
    }
    return failed;
  };
  if (holds(job.if, it.expressions)) ended.code = await steps(job.steps, it.expressions);
  ended.summary = readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8');
  const lines = readFileSync(files.GITHUB_OUTPUT, 'utf8').split('\n').filter(Boolean);
  ended.outputs = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  return ended;
};

/** Everything that a workflow or an action file has bash run, and what else it uses. */
export const stepsIn = (file: string): Step[] => {
  const parsed = parse(readFileSync(file, 'utf8'));
  const jobs = Object.values(parsed.jobs ?? { action: parsed.runs }) as { steps: Step[] }[];
  return jobs.flatMap(({ steps }) => steps);
};

const defaultsOf = (inputs: Record<string, { default?: string; required?: boolean }>) =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([key, it]) => (it.default === undefined ? [] : [[key, it.default]])),
  );

const filled = (texts: Record<string, unknown>, expressions: Values): Values =>
  Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [
      key,
      String(text).replaceAll(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => evaluated(expression, expressions)),
    ]),
  );

/** Of steps that come also after one that has failed; nobody cancels a job here. */
const EVER = /^(always\(\)|\$\{\{ !cancelled\(\) \}\})$/;

const holds = (condition: string | undefined, expressions: Values): boolean => {
  if (condition === undefined || EVER.test(condition)) return true;
  const [left = '', right = ''] = condition.split(' == ');
  const value = (text: string) => /^'(.*)'$/.exec(text)?.[1] ?? evaluated(text, expressions);
  return value(left) === value(right);
};

const evaluated = (expression: string, expressions: Values): string => {
  const value = expressions[expression];
  if (value === undefined) throw new Error(`nobody knows here what ${expression} is`);
  return value;
};

const bash = async (script: string, cwd: string, env: Values): Promise<{ code: number; log: string }> => {
  const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script], {
    ...{ cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: 'true', ...env } },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
    });
  const [code] = await once(child, 'close');
  return { code: code ?? 1, log };
};
