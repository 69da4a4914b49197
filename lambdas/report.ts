import { PublishCommand } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { resultMessage } from '../lib/approval/message.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { makeReport, type Report } from '../lib/fleet/report.ts';
import { approvalsOf } from '../lib/ledger/approvals.ts';
import { releaseLease } from '../lib/ledger/lease.ts';
import { type Objects, runKey } from '../lib/ledger/objects.ts';
import { runRecord, updateRun, verdicts } from '../lib/ledger/runs.ts';
import { ledger } from './ledger.ts';
import { bucket, sns, variable } from './services.ts';
import { task, type World } from './task.ts';

const Ended = z.strictObject({
  run: z.object({ run: z.string(), startedAt: z.string().optional() }),
  execution: z.string(),
  failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
  /** What the approval's task was answered with. */
  approval: z.object({ by: z.string().optional() }).nullish(),
});

/** Every way out ends here: writes down what happened, gives the lease back, tells people. */
export const handler = task({
  name: 'Report',
  input: Ended,

  async run(ended, { now, log }) {
    const { run } = ended.run;
    try {
      const report = await conclude(ended, now()).finally(() => release(ended.execution, log));
      const migrated = report.databases.filter(({ applied, reverted }) => applied.length + reverted.length > 0).length;
      await tell(run, { ...report, migrated }, log);
      return { status: report.status, failure: report.failure, report: runKey(run, 'report') };
    } catch (error) {
      const { name, message } = error as Error;
      const cause = `What became of the run could not be written down: ${message}`;
      await tell(run, { status: 'FAILED', failure: { error: name, cause }, migrated: null }, log);
      throw error;
    }
  },
});

const conclude = async (
  { run: { run, startedAt }, failure, approval }: z.infer<typeof Ended>,
  endedAt: Date,
): Promise<Report> => {
  // Otherwise it has neither plan nor verdicts, and what the ledger holds under its name is of an earlier run.
  const admitted = startedAt !== undefined;
  const report = makeReport(admitted ? await planOf(bucket(), run) : null, {
    run,
    failure,
    verdicts: admitted ? await verdicts(ledger(), run) : [],
    approvals: admitted ? await approvalsOf(ledger(), run) : [],
    answer: approval ?? null,
    endedAt: endedAt.toISOString(),
  });
  await bucket().write(runKey(run, 'report'), report);
  if (admitted) {
    await updateRun(ledger(), run, { status: report.status, endedAt: endedAt.toISOString() });
  }
  return report;
};

/** The ledger says whether there is one: asking the bucket for what isn't there would need leave to list it. */
const planOf = async (objects: Objects, run: string): Promise<Parameters<typeof makeReport>[0]> => {
  if ((await runRecord(ledger(), run))?.planDigest === undefined) return null;
  const written = Plan.extend({ planDigest: z.string(), dataApiCalls: z.record(z.string(), z.number()) });
  return written.parse(await objects.json(runKey(run, 'plan')));
};

/** A lease that can't be given back is stale as soon as the execution has ended, and is taken over. */
const release = async (execution: string, log: World['log']): Promise<void> => {
  try {
    await releaseLease(ledger(), execution);
  } catch (error) {
    log.warn('the lease could not be given back', { error: error as Error });
  }
};

/** The run's outcome stands whether or not the mail goes out. */
const tell = async (run: string, result: Parameters<typeof resultMessage>[1], log: World['log']): Promise<void> => {
  try {
    const where = { service: variable('SERVICE'), environment: variable('ENVIRONMENT'), run };
    await sns().send(new PublishCommand({ TopicArn: variable('TOPIC'), ...resultMessage(where, result) }));
  } catch (error) {
    log.warn('the result could not be sent', { error: error as Error });
  }
};
