import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionStatus, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import type { Plan } from '../fleet/plan.ts';
import type { Report } from '../fleet/report.ts';
import { type Control, controlOf } from '../ledger/control.ts';
import { objects, runKey } from '../ledger/objects.ts';
import { type Parked, parkedOf } from '../ledger/parked.ts';
import { holdsOf } from '../ledger/requests.ts';
import { type RestorePoint, restorePoints } from '../ledger/restore-points.ts';
import { type Verdict, verdicts } from '../ledger/runs.ts';
import type { Table } from '../ledger/table.ts';
import { unsettledReader, type Written } from '../ledger/unsettled.ts';
import type { Clients } from './clients.ts';
import { type AtWork, atWorkReader, executionOf, isOver } from './execution.ts';
import type { Pipeline } from './pipelines.ts';
import { type Phase, phaseReader } from './run-phase.ts';

/** A rollout that waits for people, and why; until when is null for who may not read what people are asked. */
export type HeldNow = { number: number; wave: number; reason: string; canRevert: boolean; expiresAt: string | null };

/** What happens in a run, as it happens. */
export type RunEvent =
  | { event: 'planned'; plan: Plan }
  | { event: 'phase'; phase: Phase }
  /** Somebody has paused it, ended it, or let it go again. */
  | { event: 'control'; control: Control }
  /** It waits for people to decide: about its plan or, where it is held, about what becomes of it. */
  | { event: 'waiting'; for: 'approval' | 'hold'; held: HeldNow | null }
  /** It is not admitted yet, and what its path still asks for. */
  | { event: 'arriving'; missing: string[] }
  /** It rests until the window of its next wave opens. */
  | { event: 'parked'; parked: Parked }
  | { event: 'restorePoint'; restorePoint: RestorePoint }
  | { event: 'database'; verdict: Verdict }
  /** Everything that could be seen now has been told. */
  | { event: 'looked'; at: Date; atWork: AtWork | null }
  | {
      event: 'ended';
      status: ExecutionStatus;
      report: Report | null;
      error: string;
      cause: string;
      /** From its start to its end. */
      seconds: number;
    };

export type FollowOptions = {
  /** Milliseconds between looks. */
  interval: number;
  /** What to do where the run waits for people: with true, leave. @default not looked for */
  leaveWaiting?: boolean;
};

/** Watches a run until it ends, from whenever one looks. Only reads, so it may be left at any time. */
export async function* followRun(
  { sfn, s3, dynamodb }: Clients,
  pipeline: Pipeline,
  { execution, run }: { execution: string; run: string },
  { interval, leaveWaiting }: FollowOptions,
): AsyncGenerator<RunEvent> {
  const bucket = objects(s3, pipeline.bucket);
  const table = { client: dynamodb, name: pipeline.ledger };
  const readUnsettled = unsettledReader(table, run);
  const readPhase = phaseReader(sfn, execution);
  const readAtWork = atWorkReader(sfn);
  const news = onlyNews({ 'the control': 'going' });
  let plan: WrittenPlan | null = null;
  let phase: Phase = { phase: 'planning' };
  let reach = { from: 1, to: 0 };
  for (;;) {
    const { status, error, cause, seconds } = await executionOf({ sfn, table }, { execution, run });
    const ended = isOver(status);
    const before: Phase['phase'] = phase.phase;
    if (!ended) phase = await readPhase();
    // What has rested before its first wave, or was asked about, has been planned once more since.
    if (plan === null || (PLANNED_AFTER.has(before) && phase.phase !== before)) {
      plan = (await optional<WrittenPlan>(bucket.json(runKey(run, 'plan')))) ?? plan;
      if (plan && news('the plan', plan.planDigest)) yield { event: 'planned', plan };
    }
    if (plan) {
      reach = reachOf(phase, reach);
      // The last look is at everything: whoever was slow to write something down is heard all the same.
      yield* writtenDown(plan, ended ? await all(table, run) : await readUnsettled(within(plan, reach)), news);
    }
    if (ended) {
      const report = await optional<Report>(bucket.json(runKey(run, 'report')));
      yield { event: 'looked', at: new Date(), atWork: null };
      yield { event: 'ended', status, report, error, cause, seconds };
      return;
    }
    if (news('the phase', JSON.stringify(phase))) yield { event: 'phase', phase };
    const control = await controlOf(table, run);
    if (news('the control', control.state)) yield { event: 'control', control };
    if (phase.phase === 'arriving') {
      if (news('what is missing', phase.missing.join('\n'))) yield { event: 'arriving', missing: phase.missing };
    } else if (phase.phase === 'parked') {
      const parked = phase.waits ? await parkedOf(table, run) : undefined;
      if (parked && news('how it is parked', parked.at)) yield { event: 'parked', parked };
    } else if (leaveWaiting !== undefined && 'waits' in phase && phase.waits) {
      const held = phase.phase === 'held' ? await heldNow(table, run, phase.hold) : null;
      const question = held === 'unknown' ? 'a hold' : held ? `hold ${held.number}` : phase.phase;
      if (question !== 'held' && news('what is asked', question))
        yield {
          event: 'waiting',
          for: question === 'asking' ? 'approval' : 'hold',
          held: held === 'unknown' ? null : held,
        };
    }
    yield { event: 'looked', at: new Date(), atWork: await readAtWork(phase) };
    await sleep(interval);
  }
}

type WrittenPlan = Plan & { planDigest: string };

const PLANNED_AFTER: ReadonlySet<Phase['phase']> = new Set(['planning', 'asking', 'parked']);

type News = ReturnType<typeof onlyNews>;

/** Whether one was told something else of it before. */
const onlyNews = (before: Record<string, string>) => {
  const told = new Map(Object.entries(before));
  return (of: string, word: string): boolean => {
    const isNew = told.get(of) !== word;
    told.set(of, word);
    return isNew;
  };
};

const all = async (table: Table, run: string): Promise<Written> => ({
  verdicts: await verdicts(table, run),
  restorePoints: await restorePoints(table, run),
});

/** Wave by wave, however it was read. */
function* writtenDown(plan: Plan, read: Written, news: News): Generator<RunEvent> {
  for (const restorePoint of read.restorePoints)
    if (news(`restore point of ${restorePoint.cluster}`, '')) yield { event: 'restorePoint', restorePoint };
  for (const verdict of inOrder(plan, read.verdicts)) {
    const word = `${verdict.verdict} ${verdict.note ?? ''}`;
    if (news(`${verdict.cluster}/${verdict.database}`, word)) yield { event: 'database', verdict };
  }
}

type Reach = { from: number; to: number };

/**
 * The waves in which something may have been written down since the last look: the one that was at work then, the one
 * that is now, and those between. Databases of an earlier one that have no verdict were not begun and won't be.
 */
const reachOf = (phase: Phase, { from, to }: Reach): Reach => {
  const since = Number.isFinite(to) ? Math.max(from, to) : from;
  switch (phase.phase) {
    case 'arriving':
    case 'planning':
    case 'asking':
      return { from, to };
    case 'wave':
    case 'baking':
    case 'checking':
      return { from: since, to: phase.wave ?? Infinity };
    case 'parked':
      return { from: since, to: phase.again ? phase.wave : phase.wave - 1 };
    case 'held':
      return { from: since, to: to > 0 ? to : Infinity };
    default:
      return { from: since, to: Infinity };
  }
};

const within = ({ databases }: Plan, { from, to }: Reach) =>
  databases.filter(({ wave }) => wave !== null && wave >= from && wave <= to);

const inOrder = ({ databases }: Plan, read: Verdict[]): Verdict[] => {
  if (read.length < 2) return read;
  const waves = new Map(databases.map(({ cluster, database, wave }) => [`${cluster}/${database}`, wave ?? 0]));
  const waveOf = ({ cluster, database }: Verdict) => waves.get(`${cluster}/${database}`) ?? 0;
  return read.toSorted((a, b) => waveOf(a) - waveOf(b));
};

/**
 * Null where nobody has to say anything any more, or was not asked yet. CI may not read what people are asked, and goes
 * by what the execution's history says.
 */
const heldNow = async (
  table: Table,
  run: string,
  known: Omit<HeldNow, 'expiresAt'> | undefined,
): Promise<HeldNow | null | 'unknown'> => {
  try {
    const [newest] = await holdsOf(table, run);
    if (!newest?.hold || newest.outcome !== null) return null;
    const { number, wave, reason, canRevert } = newest.hold;
    return { number, wave, reason, canRevert, expiresAt: newest.expiresAt };
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException')
      return known ? { ...known, expiresAt: null } : 'unknown';
    throw error;
  }
};

/** Nothing has happened since a task was handed its token. */
export const waitsForPeople = async (sfn: Clients['sfn'], executionArn: string): Promise<boolean> => {
  const newest = { executionArn, reverseOrder: true, maxResults: 1 };
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand(newest));
  return events[0]?.type === 'TaskSubmitted';
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
