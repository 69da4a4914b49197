import { PublishCommand } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { resultMessage } from '../lib/approval/message.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { makeReport } from '../lib/fleet/report.ts';
import { approvalsOf } from '../lib/ledger/approvals.ts';
import { releaseLease } from '../lib/ledger/lease.ts';
import { type Objects, runKey } from '../lib/ledger/objects.ts';
import { runRecord, updateRun, verdicts } from '../lib/ledger/runs.ts';
import { bucket, ledger, sns, variable } from './services.ts';
import { task } from './task.ts';

/** Every way out ends here: writes down what happened, gives the lease back, tells people. */
export const handler = task({
  name: 'Report',
  input: z.strictObject({
    run: z.object({ run: z.string(), startedAt: z.string().optional() }),
    execution: z.string(),
    failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
  }),

  async run({ run: { run, startedAt }, execution, failure }, { now, log }) {
    // Without `startedAt` the run was not admitted: it holds no lease and has no plan.
    const plan = startedAt === undefined ? null : await planOf(bucket(), run);
    const report = makeReport(plan, {
      run,
      failure,
      verdicts: await verdicts(ledger(), run),
      approvals: await approvalsOf(ledger(), run),
    });
    await bucket().write(runKey(run, 'report'), report);
    if (startedAt !== undefined)
      await updateRun(ledger(), run, { status: report.status, endedAt: now().toISOString() });
    await releaseLease(ledger(), execution);
    await tell(report, run);
    return { status: report.status, failure: report.failure, report: runKey(run, 'report') };

    async function tell(it: typeof report, name: string): Promise<void> {
      const where = { service: variable('SERVICE'), environment: variable('ENVIRONMENT'), run: name };
      const migrated = it.databases.filter(({ applied }) => applied.length > 0).length;
      try {
        await sns().send(
          new PublishCommand({ TopicArn: variable('TOPIC'), ...resultMessage(where, { ...it, migrated }) }),
        );
      } catch (error) {
        // The run's outcome stands whether or not the mail goes out.
        log.warn('the result could not be sent', { error: error as Error });
      }
    }
  },
});

/** The ledger says whether there is one: asking the bucket for what isn't there would need leave to list it. */
const planOf = async (objects: Objects, run: string): Promise<Parameters<typeof makeReport>[0]> => {
  if ((await runRecord(ledger(), run))?.planDigest === undefined) return null;
  return Plan.extend({ planDigest: z.string(), dataApiCalls: z.number() }).parse(
    await objects.json(runKey(run, 'plan')),
  );
};
