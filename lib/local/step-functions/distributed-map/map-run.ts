import type { Json } from '../asl.ts';
import type { Execution } from '../engine.ts';
import type { Allowance } from './allowance.ts';

/** A distributed map's run: its children, and the settings that UpdateMapRun may change while it goes on. */
export type MapRun = {
  arn: string;
  label: string;
  parent: Execution;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  startDate: Date;
  stopDate?: Date;
  /** 0 stands for AWS's own limit. */
  maxConcurrency: number;
  toleratedFailureCount: number | undefined;
  toleratedFailurePercentage: number | undefined;
  /** Inputs of children that are not started yet; null for each that is, and keeps its own. In the order of the items. */
  inputs: Json[];
  children: Execution[];
  resultsWritten: number;
  redriveCount: number;
  redriveDate?: Date;
  /** Has it look again at its settings and children. */
  wake(): void;
};

/** Most children of a map run that run at once. */
const MOST_AT_ONCE = 10_000;

/**
 * Starts children as concurrency allows until all have ended, or the failures exceed what is tolerated: then no more
 * are started and those that run are stopped, as Step Functions does. Rejects when the signal is aborted.
 */
export const runChildren = async (
  run: MapRun,
  {
    start,
    redrive,
    allowance,
  }: { start: (input: Json) => Execution; redrive: (child: Execution) => void; allowance: Allowance },
  signal: AbortSignal,
): Promise<'done' | 'exceeded'> => {
  const stop = () => {
    for (const child of run.children) {
      if (child.status === 'PENDING_REDRIVE') child.status = 'ABORTED';
      child.stop();
    }
  };
  const waiting = run.children.filter(({ status }) => status === 'PENDING_REDRIVE');
  // Counted as they end: to look at thousands of children whenever one of them does would take longer than they do.
  let running = 0;
  let failed = run.children.filter(({ status }) => FAILED.has(status)).length;
  const ended = (child: Execution) => {
    running -= 1;
    if (FAILED.has(child.status)) failed += 1;
    run.wake();
  };
  for (;;) {
    if (signal.aborted) {
      stop();
      signal.throwIfAborted();
    }
    if (exceeded(run, failed)) {
      stop();
      await Promise.all(run.children.map((child) => child.ended));
      return 'exceeded';
    }
    if (running + waiting.length === 0 && run.children.length === run.inputs.length) return 'done';
    const changed = new Promise<void>((resolve) => {
      run.wake = resolve;
    });
    signal.addEventListener('abort', run.wake, { once: true });
    for (let free = (run.maxConcurrency || MOST_AT_ONCE) - running; free > 0 && allowance.left() > 0; free -= 1) {
      const input = run.inputs[run.children.length];
      let child = waiting.shift();
      if (child) redrive(child);
      else if (input === undefined) break;
      else {
        child = start(input);
        run.inputs[run.children.length] = null;
        run.children.push(child);
      }
      running += 1;
      allowance.take(() => run.wake());
      const begun = child;
      void begun.ended.then(() => ended(begun));
    }
    await changed;
    signal.removeEventListener('abort', run.wake);
  }
};

/** Without either setting nothing is tolerated; with both, whichever is exceeded first counts. */
const exceeded = ({ toleratedFailureCount, toleratedFailurePercentage, inputs }: MapRun, failed: number) => {
  if (failed === 0) return false;
  if (toleratedFailureCount === undefined && toleratedFailurePercentage === undefined) return true;
  return (
    failed > (toleratedFailureCount ?? Number.POSITIVE_INFINITY) ||
    (100 * failed) / inputs.length > (toleratedFailurePercentage ?? 100)
  );
};

/** A child that somebody stopped has failed as well. */
const FAILED = new Set(['FAILED', 'TIMED_OUT', 'ABORTED']);
