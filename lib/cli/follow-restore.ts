import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { RestoreReport } from '../fleet/restore/report.ts';
import { objects, runKey } from '../ledger/objects.ts';
import { type Restored, restoredAll } from '../ledger/restores.ts';
import type { Clients } from './clients.ts';
import { isOver } from './execution.ts';
import { optional, waitsForPeople } from './follow-run.ts';
import { painter } from './output.ts';
import type { Pipeline } from './pipelines.ts';
import type { StartedRestore } from './start-restore.ts';
import { told } from './told.ts';

/** How a restore ended; what `--json` prints of it. */
export type RestoreResult = {
  environment: string;
  /** In Step Functions' words: SUCCEEDED, FAILED, TIMED_OUT, ABORTED. */
  status: string;
  restore: string;
  execution: string;
} & Pick<RestoreReport, 'restores' | 'swap' | 'planDigest' | 'failure' | 'approvals' | 'clusters'>;

/**
 * Follows a restore to its end, telling each change; `waiting` where it waits for an approval and nobody is to be
 * waited for. Only reads, so it may be left at any time.
 */
export const followRestore = async (
  { sfn, s3, dynamodb }: Clients,
  pipeline: Pipeline,
  { restore, execution }: StartedRestore,
  it: { run: string; interval: number; leaveWaiting: boolean; tell: (line: string) => void; colours: boolean },
): Promise<RestoreResult | 'waiting'> => {
  const { environment, ledger, bucket } = pipeline;
  const told = new Map<string, string>();
  let asked = false;
  for (;;) {
    const {
      status = '',
      error = '',
      cause = '',
    } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution }));
    if (!asked && status === 'RUNNING' && pipeline.policy) {
      asked = await waitsForPeople(sfn, execution);
      if (asked && it.leaveWaiting) return 'waiting';
      if (asked) it.tell(painter(it.colours)('yellow', 'waiting for approval: a message to the approvers tells where'));
    }
    for (const one of await restoredAll({ client: dynamodb, name: ledger }, restore)) {
      const line = lineOf(one, it.colours);
      if (told.get(one.cluster) !== line) it.tell(line);
      told.set(one.cluster, line);
    }
    if (isOver(status)) {
      const report = await optional<RestoreReport>(objects(s3, bucket).json(runKey(restore, 'report')));
      return {
        ...{ environment, status, restore, execution },
        restores: report?.restores ?? it.run,
        swap: report?.swap ?? false,
        planDigest: report?.planDigest ?? null,
        failure: status === 'SUCCEEDED' ? null : (report?.failure ?? { error, cause }),
        approvals: report?.approvals ?? [],
        clusters: report?.clusters ?? [],
      };
    }
    await sleep(it.interval);
  }
};

const lineOf = ({ cluster, state, note }: Restored, colours: boolean): string => {
  const paint = painter(colours);
  const sign = {
    working: paint('cyan', '…'),
    restored: paint('green', '✓'),
    swapped: paint('green', '✓'),
    failed: paint('red', '✗'),
  };
  return `${sign[state]} ${told(cluster)}  ${told(note.split('\n')[0] ?? '')}`;
};
