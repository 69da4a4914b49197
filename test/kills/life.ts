import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentResult } from '../../lib/cli/environment-result.ts';
import type { News } from './one-life.ts';

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
  /** What it complained of. */
  said: string;
};

/** One life of the local runtime, until its end or its death. */
export const live = async (
  { state, clusters, databases }: { state: string; clusters: number; databases: number },
  death: Death | null,
): Promise<Life> => {
  const began = performance.now();
  const child = spawn(process.execPath, [ONE_LIFE, state, String(clusters), String(databases)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const life: Life = {
    ...{ killed: false, run: null, planned: null, done: 0, bootMilliseconds: null, result: null, said: '' },
  };
  const kill = async (milliseconds: number) => {
    await sleep(milliseconds, undefined, { ref: false });
    // One whose run has ended by itself was not killed.
    life.killed = life.result === null && child.exitCode === null && child.signalCode === null && child.kill('SIGKILL');
  };
  let doomed = death === null;
  const look = () => {
    if (doomed || !isDue(death!, life)) return;
    doomed = true;
    void kill(death!.milliseconds);
  };
  look();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const news = newsIn(line);
    if (news && 'run' in news)
      Object.assign(life, { run: news.run, bootMilliseconds: performance.now() - began } satisfies Partial<Life>);
    if (news && 'planned' in news) life.planned = news.planned;
    if (news && 'done' in news) life.done += 1;
    if (news && 'result' in news) life.result = news.result;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    life.said += text;
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(patience);
  return life;
};

/** Its death may come in the middle of a line. */
const newsIn = (line: string): News | null => {
  try {
    return JSON.parse(line) as News;
  } catch {
    return null;
  }
};

const isDue = ({ after, share }: Death, { run, planned, done }: Life): boolean => {
  if (after === 'start') return true;
  if (after === 'run') return run !== null;
  return planned !== null && done >= Math.max(0, Math.floor(share * planned) - UNSEEN);
};

/** Databases that are at work when the last of those that were waited for is seen, and are done before the end. */
const UNSEEN = 4;

const ONE_LIFE = join(import.meta.dirname, 'one-life.ts');

/** Longer than any run of a fleet of this size takes, on any machine. */
const PATIENCE = 30 * 60_000;
