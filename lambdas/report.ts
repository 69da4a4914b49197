import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { Result } from '../lib/approval/mail.ts';
import { attestationOf, takingBack } from '../lib/fleet/attest.ts';
import { Differences } from '../lib/fleet/differences.ts';
import { PlannedDrift } from '../lib/fleet/drift/planned.ts';
import { Pace } from '../lib/fleet/pace.ts';
import { Plan } from '../lib/fleet/plan.ts';
import { makeReport, type Report } from '../lib/fleet/report.ts';
import { metricsOfRun } from '../lib/fleet/run-metrics.ts';
import { executionName } from '../lib/ledger/execution-name.ts';
import { releaseLease } from '../lib/ledger/lease.ts';
import { isMissing, type Objects, runKey } from '../lib/ledger/objects.ts';
import { announcement, getRequest, holdsOf } from '../lib/ledger/requests.ts';
import { runRecord, updateRun, verdicts } from '../lib/ledger/runs.ts';
import { standingOf } from '../lib/ledger/standings.ts';
import { say, stillLies, takeBackReverted } from './attestations.ts';
import { ledger } from './ledger.ts';
import { count } from './metrics.ts';
import { bucket, here, sfn, variable } from './services.ts';
import { task, type World } from './task.ts';
import { tellResult } from './tell-result.ts';

const Ended = z.strictObject({
  /** Without `startedAt`, it was not admitted. */
  run: z.object({
    ...{ run: z.string(), startedAt: z.string().optional(), requestedBy: z.string().optional() },
    token: z.number().optional(),
  }),
  execution: z.string(),
  failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
  /** Whether the run is to be taken back, since it was halted. */
  revert: z.boolean().default(false),
  /** How long its last whole wave took, for the environment after this one to reckon with. */
  pace: Pace.nullable().default(null),
  /** Of the steps that looked at the fleet as a whole. */
  dataApiCalls: z.number().default(0),
});

/** Every way out ends here: writes down what happened, gives the lease back, tells people. */
export const handler = task({
  name: 'Report',
  input: Ended,

  async run(ended, { now, log, place: { account } }) {
    const { run } = ended.run;
    try {
      const endedAt = now();
      const report = await conclude(ended, endedAt, account).finally(() => release(ended.execution, log));
      const of = await subject(report);
      count(here(), endedAt, metricsOfRun(report, secondsOf(ended.run, endedAt)), { run });
      if (report.revertedBy !== null)
        await takeBack(run, report.revertedBy).catch((error) => notTakenBack(report, error, log));
      const migrated = report.databases.filter(({ applied, reverted }) => applied.length + reverted.length > 0).length;
      await tell(ended.run, { ...report, migrated }, log);
      return {
        status: report.status,
        failure: report.failure,
        report: runKey(run, 'report'),
        ...of,
      };
    } catch (error) {
      const { name, message } = error as Error;
      const cause = `What became of the run could not be written down: ${message}`;
      // Of a run that the ledger takes to be at work CloseRun tells, as soon as this execution has failed.
      if (!(await isOpen(ended.run))) {
        count(here(), now(), { RunsFailed: 1 }, { run });
        await tell(ended.run, { status: 'FAILED', failure: { error: name, cause }, migrated: null }, log);
      }
      throw error;
    }
  },
});

const isOpen = async ({ run, ...it }: z.infer<typeof Ended>['run']): Promise<boolean> =>
  isAdmitted(it) && (await runRecord(ledger(), run).catch(() => undefined))?.status === 'RUNNING';

/** Of which bundle it was, and whose run: what is told of the execution's end may start the next environment. */
const subject = async ({ run, digest, revert }: Report) => {
  const found = await announcement(ledger(), run);
  const { arn = null, authors = [] } = found?.digest === digest ? found : {};
  return { digest, revert, starter: arn, authors };
};

const conclude = async (
  {
    run: { run, startedAt, requestedBy = 'unknown', token },
    failure,
    revert,
    pace,
    dataApiCalls,
  }: z.infer<typeof Ended>,
  endedAt: Date,
  account: string,
): Promise<Report> => {
  const admitted = isAdmitted({ startedAt });
  const report = makeReport(admitted ? await planOf(bucket(), run) : null, {
    run,
    failure,
    dataApiCalls,
    verdicts: admitted ? await verdicts(ledger(), run) : [],
    request: admitted ? ((await getRequest(ledger(), run)) ?? null) : null,
    holds: admitted ? await holdsOf(ledger(), run) : [],
    revertedBy: revert ? revertName(run) : null,
    differences: failure?.Error === 'FingerprintsDiffer' ? await differencesOf(bucket(), run) : null,
  });
  await bucket().write(runKey(run, 'report'), report);
  if (startedAt !== undefined && token !== undefined && report.digest !== null) {
    const before = await standingOf(ledger(), report.digest);
    const named = { service: variable('SERVICE'), environment: variable('ENVIRONMENT'), account };
    const lies = before !== undefined && (await stillLies(report.digest));
    const it = { ...named, run: { token, startedAt, requestedBy }, endedAt, before, lies, pace };
    const said = attestationOf(report, it);
    await say(said);
    if (said !== null && report.revert !== null) await takeBackReverted(report.revert, takingBack(said), said.digest);
  }
  if (admitted) {
    const back = report.revertedBy === null ? {} : { revertedBy: report.revertedBy };
    await updateRun(ledger(), run, { status: report.status, endedAt: endedAt.toISOString(), ...back });
  }
  return report;
};

/** The ledger says whether there is one: asking the bucket for what isn't there would need leave to list it. */
const planOf = async (objects: Objects, run: string): Promise<Parameters<typeof makeReport>[0]> => {
  if ((await runRecord(ledger(), run))?.planDigest === undefined) return null;
  const written = Plan.extend({
    planDigest: z.string(),
    dataApiCalls: z.record(z.string(), z.number()),
    drift: z.array(PlannedDrift).catch([]),
  });
  return written.parse(await objects.json(runKey(run, 'plan')));
};

/** What Converge has found; null where it could not write that down. The failure says it, too. */
const differencesOf = async (objects: Objects, run: string): Promise<Differences | null> => {
  try {
    return Differences.parse(await objects.json(runKey(run, 'differences')));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
};

/** The same run is taken back by one execution, however often that is said. */
const revertName = (run: string): string => executionName(`${run}-revert`, run);

/** The ledger says by now that this is decided; see Admit. */
const takeBack = async (run: string, name: string): Promise<void> => {
  const input = JSON.stringify({ revert: run, requestedBy: `Lockstep, since run ${run} was halted`.slice(0, 200) });
  try {
    await sfn().send(new StartExecutionCommand({ stateMachineArn: variable('STATE_MACHINE'), name, input }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
  }
};

/** The run's outcome stands; people have to know that nobody takes it back. */
const notTakenBack = (report: Report, error: Error, log: World['log']): void => {
  log.error('the revert could not be started', { error });
  const cause = `${report.failure?.cause ?? ''}\nIt could not be taken back by itself (${error.message}): lockstep revert ${variable('ENVIRONMENT')} ${report.run}`;
  report.failure = { error: report.failure?.error ?? 'RolloutHalted', cause };
};

/** A lease that can't be given back is stale as soon as the execution has ended, and is taken over. */
const release = async (execution: string, log: World['log']): Promise<void> => {
  try {
    await releaseLease(ledger(), execution);
  } catch (error) {
    log.warn('the lease could not be given back', { error: error as Error });
  }
};

/** Otherwise it has neither plan nor verdicts, and what the ledger holds under its name is of an earlier run. */
const isAdmitted = ({ startedAt }: { startedAt?: string | undefined }): boolean => startedAt !== undefined;

const secondsOf = ({ startedAt }: { startedAt?: string | undefined }, endedAt: Date): number | null =>
  startedAt === undefined ? null : (endedAt.getTime() - new Date(startedAt).getTime()) / 1000;

const tell = (ended: z.infer<typeof Ended>['run'], result: Result, log: World['log']): Promise<void> => {
  const because = result.failure ? `. ${result.failure.error}: ${result.failure.cause}` : '';
  const words = (subject: string) => `Run ${ended.run} ended: ${subject}${because}`;
  return tellResult({ run: ended.run, admitted: isAdmitted(ended) }, result, words, log);
};
