import { type RunRecord, runRecord } from '../ledger/runs.ts';
import type { Clients } from './clients.ts';
import type { Pipeline } from './pipelines.ts';
import { time } from './time.ts';

/** How a run ended, or that it has not. */
export type RunEnd = Pick<RunRecord, 'run' | 'status' | 'startedAt'> & { endedAt: string | null };

/** Out of the ledger, for each of these runs that it knows; null where the caller may not read it. */
export const endsOf = async (
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  { ledger }: Pick<Pipeline, 'ledger'>,
  runs: string[],
): Promise<RunEnd[] | null> => {
  const table = { client: dynamodb, name: ledger };
  try {
    const records = await Promise.all([...new Set(runs)].map((run) => runRecord(table, run)));
    return records
      .filter((it) => it !== undefined)
      .map(({ run, status, startedAt, endedAt = null }) => ({ run, status, startedAt, endedAt }));
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return null;
    throw error;
  }
};

/** A line for each run that did not succeed: of one that did, what it applied says enough. */
export const endLines = (ends: RunEnd[] | null): string[] =>
  (ends ?? []).flatMap(({ run, status, startedAt, endedAt }) => {
    if (status === 'SUCCEEDED') return [];
    return [`${run}  ${WORDS[status]} ${time(status === 'RUNNING' ? startedAt : endedAt)}`];
  });

const WORDS: Record<Exclude<RunRecord['status'], 'SUCCEEDED'>, string> = {
  RUNNING: 'at work since',
  FAILED: 'failed',
  TIMED_OUT: 'timed out',
  ABORTED: 'stopped',
};
