import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';

export const APP = join(import.meta.dirname, 'app');
export const MIGRATIONS = join(import.meta.dirname, 'migrations');

/**
 * When a life is to end: so long after its process has started, after its run has begun, or after a share of the databases
 * that the run has planned was seen to be done.
 */
export type Death = { after: 'start' | 'run' | 'plan'; share: number; milliseconds: number };

export type Life = {
  killed: boolean;
  /** The run that it had begun. */
  run: string | null;
  /** Databases in which it had something to do; null before it knew. */
  planned: number | null;
  /** Those of them that it was seen to have brought up to date. */
  done: number;
  /** From the start of the process until its run began. */
  bootMilliseconds: number | null;
  /** What it has told, if it came to that. */
  result: EnvironmentResult | null;
  /** All that it said meanwhile. */
  said: string;
};

/** One life of the local runtime: `lockstep local run` on a state that outlives it, until its end or its death. */
export const live = async (
  { state, clusters, databases }: { state: string; clusters: number; databases: number },
  death: Death | null,
): Promise<Life> => {
  const began = performance.now();
  const sized = ['--clusters', String(clusters), '--databases', String(databases / clusters)];
  const child = spawn(
    process.execPath,
    [LOCKSTEP, 'local', 'run', '--dir', MIGRATIONS, '--state', state, '--json', ...sized],
    { cwd: APP, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } },
  );
  const life: Life = {
    ...{ killed: false, run: null, planned: null, done: 0, bootMilliseconds: null, result: null, said: '' },
  };
  const kill = async (milliseconds: number) => {
    await sleep(milliseconds, undefined, { ref: false });
    // One that has ended by itself was not killed.
    life.killed = child.exitCode === null && child.signalCode === null && child.kill('SIGKILL');
  };
  let doomed = death === null;
  const look = () => {
    life.run ??= /^fleet {2}run (\S+)$/m.exec(life.said)?.[1] ?? null;
    if (life.run !== null) life.bootMilliseconds ??= performance.now() - began;
    const planned = /^fleet {2}\d+ migrations? for (\d+) databases? in /m.exec(life.said)?.[1];
    if (planned !== undefined) life.planned = Number(planned);
    life.done = life.said.match(/^fleet {2}✓ /gm)?.length ?? 0;
    if (doomed || !isDue(death!, life)) return;
    doomed = true;
    void kill(death!.milliseconds);
  };
  look();
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    life.said += text;
    look();
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(patience);
  if (!life.killed) life.result = resultIn(stdout);
  return life;
};

const isDue = ({ after, share }: Death, { run, planned, done }: Life): boolean => {
  if (after === 'start') return true;
  if (after === 'run') return run !== null;
  return planned !== null && done >= Math.max(0, Math.floor(share * planned) - UNSEEN);
};

/** Databases that are at work when the last of those that were waited for is seen, and are done before the end. */
const UNSEEN = 4;

const LOCKSTEP = join(import.meta.dirname, '../../bin/lockstep.ts');

/** Longer than any run of a fleet of this size takes, on any machine. */
const PATIENCE = 30 * 60_000;

const resultIn = (stdout: string): EnvironmentResult | null => {
  try {
    return JSON.parse(stdout).environments?.[0] ?? null;
  } catch {
    return null;
  }
};
