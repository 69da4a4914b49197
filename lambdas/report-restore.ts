import * as z from 'zod';
import { approversIn, restoredAway } from '../lib/fleet/attest.ts';
import { RestorePlan } from '../lib/fleet/restore/plan.ts';
import { makeRestoreReport, type RestoreReport, restoredSentence } from '../lib/fleet/restore/report.ts';
import { releaseLease } from '../lib/ledger/lease.ts';
import { runKey } from '../lib/ledger/objects.ts';
import { getRequest } from '../lib/ledger/requests.ts';
import { isExchanging, restoredAll } from '../lib/ledger/restores.ts';
import { runRecord, updateRun } from '../lib/ledger/runs.ts';
import { takeBackSince } from './attestations.ts';
import { ledger } from './ledger.ts';
import { count } from './metrics.ts';
import { bucket, here } from './services.ts';
import { task, type World } from './task.ts';
import { tellResult } from './tell-result.ts';

const Ended = z.strictObject({
  run: z.object({ run: z.string(), startedAt: z.string().optional(), token: z.number().optional() }),
  restores: z.string().nullable(),
  execution: z.string(),
  failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
});

/** Every way out ends here: writes down what happened, gives the lease back, tells people. */
export const handler = task({
  name: 'ReportRestore',
  input: Ended,

  async run(ended, { now, log }) {
    const { run } = ended.run;
    try {
      const report = await conclude(ended, now()).finally(() => release(ended.execution, log));
      const failed = report.status === 'FAILED';
      count(here(), now(), { RunsSucceeded: failed ? 0 : 1, RunsFailed: failed ? 1 : 0 }, { run });
      await tell(ended, report, restoredSentence(report), log);
      return { status: report.status, failure: report.failure, report: runKey(run, 'report') };
    } catch (error) {
      const { name, message } = error as Error;
      const cause = `What became of the restore could not be written down: ${message}`;
      count(here(), now(), { RunsFailed: 1 }, { run });
      await tell(ended, { status: 'FAILED', failure: { error: name, cause } }, 'What was done is not known.', log);
      throw error;
    }
  },
});

const conclude = async (
  { run: { run, startedAt, token }, restores, failure }: z.infer<typeof Ended>,
  endedAt: Date,
) => {
  const admitted = startedAt !== undefined;
  const request = admitted ? ((await getRequest(ledger(), run)) ?? null) : null;
  const restored = admitted ? await restoredAll(ledger(), run) : [];
  const plan = admitted ? await planOf(run) : null;
  const report = makeRestoreReport(plan, { run, restores, failure, restored, request });
  await bucket().write(runKey(run, 'report'), report);
  // Restored clusters that stand beside the others change nothing of what the environment is.
  if (startedAt !== undefined && token !== undefined && restores !== null && restored.some(isExchanging)) {
    const requestedBy = (await runRecord(ledger(), run))?.requestedBy ?? 'unknown';
    const approvedBy = approversIn(report.approvals);
    const by = { run, token, startedAt, endedAt: endedAt.toISOString(), requestedBy, approvedBy, restores };
    await takeBackSince(restores, restoredAway(by));
  }
  if (admitted) await updateRun(ledger(), run, { status: report.status, endedAt: endedAt.toISOString() });
  return report;
};

/** The ledger says whether there is one: asking the bucket for what isn't there would need leave to list it. */
const planOf = async (run: string) => {
  const planDigest = (await runRecord(ledger(), run))?.planDigest;
  if (planDigest === undefined) return null;
  return { ...RestorePlan.parse(await bucket().json(runKey(run, 'plan'))), planDigest };
};

/** A lease that can't be given back is stale as soon as the execution has ended, and is taken over. */
const release = async (execution: string, log: World['log']): Promise<void> => {
  try {
    await releaseLease(ledger(), execution);
  } catch (error) {
    log.warn('the lease could not be given back', { error: error as Error });
  }
};

const tell = (
  { run: { run, startedAt } }: z.infer<typeof Ended>,
  { status, failure }: Pick<RestoreReport, 'status' | 'failure'>,
  done: string,
  log: World['log'],
): Promise<void> =>
  tellResult(
    { run, admitted: startedAt !== undefined },
    { status, failure, migrated: null, done },
    (subject) => `Restore ${run} ended: ${subject}`,
    log,
  );
