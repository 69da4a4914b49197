import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { failure } from '../failure.ts';
import { RevertRefused, reverting, withoutDown } from '../fleet/reverting.ts';
import { runRows } from '../fleet/run-rows.ts';
import { objects } from '../ledger/objects.ts';
import { type RunRecord, runRecord } from '../ledger/runs.ts';
import type { Bundle } from '../migrations/bundle.ts';
import type { Clients } from './clients.ts';
import { isOver } from './execution.ts';
import { type Environment, forEach, nameOf } from './target.ts';

/** A run was named that is in no ledger here. */
export const UnknownRun = failure(
  'UnknownRun',
  (it: { run: string; environments: string[] }) =>
    `There is no run ${it.run} in ${it.environments.join(', ') || 'any environment'}. \`lockstep history\` tells the runs of each database.`,
);

/** What taking a run back would do. */
export type Preview = {
  record: RunRecord;
  bundle: Bundle;
  /** What would be taken back in each database, newest first. */
  databases: { cluster: string; database: string; pending: string[] }[];
  /** What speaks against it; with any, nothing can be taken back anywhere. */
  problems: string[];
};

/** Reads in the ledger and in each database what stands of a run. Changes nothing. @throws UnknownRun, RevertRefused */
export const previewRevert = async (
  { s3, sfn, dynamodb }: Clients,
  { pipeline, targets, session }: Environment,
  revert: string,
): Promise<Preview> => {
  const record = await runRecord({ client: dynamodb, name: pipeline.ledger }, revert);
  if (!record) throw new UnknownRun({ run: revert, environments: [pipeline.environment] });
  if (record.revert) {
    const reason = `it took run ${record.revert} back itself. To bring that in again, start a run of its bundle.`;
    throw new RevertRefused({ revert, reason });
  }
  if (record.status === 'RUNNING' && (await isRunning(sfn, record.execution)))
    throw new RevertRefused({ revert, reason: 'it is still at work. Wait until it has ended, or stop it.' });

  const bundle = await objects(s3, pipeline.bucket).bundle(record.digest);
  const found = await forEach(targets, async (target) => {
    const { cluster, database } = target;
    try {
      const history = await runRows(session, target);
      return { cluster, database, ...reverting(bundle, history, { run: null, revert }) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { cluster, database, pending: [], problems: [`can't be read: ${error.message}`] };
    }
  });
  const ids = new Set(found.flatMap(({ pending }) => pending));
  return {
    record,
    bundle,
    databases: found.map(({ cluster, database, pending }) => ({ cluster, database, pending })),
    problems: [
      ...withoutDown(bundle, ids, revert),
      ...found.flatMap((it, at) => it.problems.map((problem) => `${nameOf(targets[at]!)}: ${problem}`)),
    ],
  };
};

/** Executions that AWS has forgotten are not running; a run that was stopped could not say so in the ledger. */
const isRunning = async (sfn: Clients['sfn'], executionArn: string): Promise<boolean> => {
  try {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return !isOver(status);
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
};
