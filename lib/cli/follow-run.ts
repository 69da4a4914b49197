import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type ExecutionStatus, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import type { Plan } from '../fleet/plan.ts';
import type { Report } from '../fleet/report.ts';
import { objects, runKey } from '../ledger/objects.ts';
import { type Parked, parkedOf } from '../ledger/parked.ts';
import { type Verdict, verdicts } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';

/** What happens in a run, as it happens. */
export type RunEvent =
  | { event: 'planned'; plan: Plan }
  /** It waits for people to decide. */
  | { event: 'waiting' }
  /** It rests until the window of its next wave opens. */
  | { event: 'parked'; parked: Parked }
  | { event: 'database'; verdict: Verdict }
  | { event: 'ended'; status: ExecutionStatus; report: Report | null; error: string; cause: string };

export type FollowOptions = {
  /** Milliseconds between looks. */
  interval: number;
  /** What to do where the run waits for an approval: with true, leave. @default not looked for */
  leaveWaiting?: boolean;
};

/** Watches a run until it ends. Only reads, so it may be left at any time. */
export async function* followRun(
  { sfn, s3, dynamodb }: Clients,
  pipeline: Pipeline,
  { execution, run }: { execution: string; run: string },
  { interval, leaveWaiting }: FollowOptions,
): AsyncGenerator<RunEvent> {
  const bucket = objects(s3, pipeline.bucket);
  const table = { client: dynamodb, name: pipeline.ledger };
  const told = new Map<string, string>();
  let planned = false;
  let asked = leaveWaiting === undefined;
  let rested = '';
  for (;;) {
    const {
      status,
      error = '',
      cause = '',
    } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    if (!planned) {
      const plan = await optional<Plan>(bucket.json(runKey(run, 'plan')));
      planned = plan !== null;
      if (plan) yield { event: 'planned', plan };
    }
    if (planned && !asked && status === 'RUNNING') {
      asked = await waitsForPeople(sfn, execution);
      if (asked) yield { event: 'waiting' };
    }
    const parked = planned && status === 'RUNNING' ? await parkedOf(table, run) : undefined;
    if (parked && parked.at !== rested && (await waitsIn(sfn, execution)) === 'Park') {
      rested = parked.at;
      yield { event: 'parked', parked };
    }
    for (const verdict of await verdicts(table, run)) {
      const name = `${verdict.cluster}/${verdict.database}`;
      const word = `${verdict.verdict} ${verdict.note ?? ''}`;
      if (told.get(name) !== word) yield { event: 'database', verdict };
      told.set(name, word);
    }
    if (status !== 'RUNNING' && status !== undefined) {
      yield {
        event: 'ended',
        status,
        report: await optional<Report>(bucket.json(runKey(run, 'report'))),
        error,
        cause,
      };
      return;
    }
    await sleep(interval);
  }
}

/** Whether it is people that a run waits for. */
export const waitsForPeople = async (sfn: Clients['sfn'], execution: string): Promise<boolean> => {
  const state = await waitsIn(sfn, execution);
  return state !== null && state !== 'Park';
};

/** In which state, if nothing has happened since its task was handed its token. */
export const waitsIn = async (sfn: Clients['sfn'], executionArn: string): Promise<string | null> => {
  // The task was entered, scheduled and started, and each of the last two again where it had to be tried again.
  const newest = { executionArn, reverseOrder: true, maxResults: 30 };
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand(newest));
  if (events[0]?.type !== 'TaskSubmitted') return null;
  return events.find(({ type }) => type === 'TaskStateEntered')?.stateEnteredEventDetails?.name ?? null;
};

/** Null for what isn't there, or not yet. */
export const optional = async <Value>(read: Promise<unknown>): Promise<Value | null> => {
  try {
    return (await read) as Value;
  } catch (error) {
    if (error instanceof Error && ['NoSuchKey', 'AccessDenied'].includes(error.name)) return null;
    throw error;
  }
};
