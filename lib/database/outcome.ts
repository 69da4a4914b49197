import * as z from 'zod';
import { Evidence } from './doubt.ts';

const Blocker = z.object({
  pid: z.number(),
  application: z.string().nullable(),
  role: z.string().nullable(),
  state: z.string().nullable(),
  mode: z.string(),
  relation: z.string(),
  seconds: z.number().nullable(),
});

/** A session that held a lock when a statement did not get its own. */
export type Blocker = z.infer<typeof Blocker>;

/** Why a migration stands as failed or in doubt, as history keeps it. */
export const Failure = z.object({
  statement: z.number().nullish(),
  sqlstate: z.string(),
  message: z.string(),
  blockers: z.array(Blocker).nullish(),
  /** Whether what it had committed before it failed may stand: it is not sent again unasked. */
  partial: z.boolean().nullish(),
  evidence: Evidence.nullish(),
});

/** What became of one segment, as the database tells it. `running`: its call ended before it did. */
export const Outcome = z.object({
  /** With `in doubt`: the one that is. */
  migration: z.string(),
  outcome: z.enum([
    'applied',
    'already applied',
    'running',
    'busy',
    'failed',
    'in doubt',
    'fenced',
    'edited',
    'half done',
    'out of order',
  ]),
  /** The run that applied it. */
  run: z.string().nullish(),
  milliseconds: z.number().nullish(),
  failure: Failure.nullish(),
  /** With `fenced`: the newer run. */
  by: z.string().nullish(),
  /** With `out of order` or `edited`: what stands in the way, and the migration that does. */
  why: z
    .enum([
      'missing before',
      'applied behind',
      'half taken back',
      'half applied',
      'applied later',
      'elsewhere',
      'unsettled',
      'half done',
      'session',
    ])
    .nullish(),
  other: z.string().nullish(),
  /** With `half done`: how many statements are. The segment has to be cut behind them. */
  step: z.number().nullish(),
});

export type Outcome = z.infer<typeof Outcome>;

/** What became of segments carried out together: those that are done, and the outcome of the one at which it ended. */
export type Carried = {
  done: { migration: string; by: 'this call' | 'this run' | 'another run' }[];
  /** Of what this run has done. */
  milliseconds: number;
  stop: Outcome | null;
};

/** The outcomes of segments carried out one by one, the last of which may not be applied. */
export const carried = (outcomes: Outcome[], run: string): Carried => {
  const all: Carried = { done: [], milliseconds: 0, stop: null };
  for (const it of outcomes) {
    if (it.outcome !== 'applied' && it.outcome !== 'already applied') return { ...all, stop: it };
    const own = it.run === run;
    all.done.push({
      migration: it.migration,
      by: !own ? 'another run' : it.outcome === 'applied' ? 'this call' : 'this run',
    });
    if (own) all.milliseconds += it.milliseconds ?? 0;
  }
  return all;
};
