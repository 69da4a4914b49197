import * as z from 'zod';
import type { Result } from '../lib/approval/mail.ts';
import { closeRequests } from '../lib/approval/stop.ts';
import { approversIn, restoredAway, takenBack } from '../lib/fleet/attest.ts';
import { metricsOfDatabases } from '../lib/fleet/run-metrics.ts';
import { endRun, endTold } from '../lib/ledger/end-run.ts';
import { releaseLease } from '../lib/ledger/lease.ts';
import { getRequest } from '../lib/ledger/requests.ts';
import { restorePoints } from '../lib/ledger/restore-points.ts';
import { isExchanging, restoredAll } from '../lib/ledger/restores.ts';
import { type RunRecord, runRecord, verdicts } from '../lib/ledger/runs.ts';
import { standingOf } from '../lib/ledger/standings.ts';
import { say, takeBackReverted, takeBackSince } from './attestations.ts';
import { type End, endOf } from './executions.ts';
import { ledger } from './ledger.ts';
import { count } from './metrics.ts';
import { post } from './people.ts';
import { here } from './services.ts';
import { task, type World } from './task.ts';
import { tellResult } from './tell-result.ts';

/**
 * Closes what a run left open that has ended without a report: somebody stopped it, or its last step broke. EventBridge
 * may say so twice, late, or after the run was taken up again: what holds is what Step Functions says now, and nothing
 * is taken from a run that has come since. A call that breaks off is made again.
 */
export const handler = task({
  name: 'CloseRun',
  // Of the event only which execution it is about is believed.
  input: z.object({ detail: z.object({ executionArn: z.string(), name: z.string() }) }),

  async run({ detail: { executionArn: execution, name: run } }, { now, log }) {
    const end = await endOf(execution);
    if (end === null) return { closed: false };
    const table = ledger();
    const record = await runRecord(table, run);
    const own = record?.execution === execution ? record : undefined;
    // People first: nobody shall decide any more on what has no owner.
    if (own) await closeQuestions(run, end, log);
    if (await releaseLease(table, execution)) count(here(), now(), { LeasesLeftBehind: 1 }, { run, execution });
    // Who was refused has failed, and Report has said so.
    if (!own && end.status !== 'FAILED') await tellOfNothing(run, end, log);
    if (!own || !(await endRun(table, own, end.status, end.at))) return { closed: false };
    await takeBack(own, end);
    await tell(own, end, log);
    await endTold(table, own, end.at);
    return { closed: true };
  },
});

const closeQuestions = async (run: string, { at }: End, log: World['log']): Promise<void> => {
  for (const request of await closeRequests(ledger(), run, at)) {
    await post(request.policy)
      .update(request)
      .catch((error) => log.warn('Slack could not be told', { error }));
  }
};

/** It was stopped before it was let in, and has changed nothing. */
const tellOfNothing = (run: string, end: End, log: World['log']): Promise<void> => {
  const failure = { error: end.error, cause: sentence(end) };
  const result = { status: titleOf(end), failure, migrated: 0 };
  return tellResult({ run, admitted: false }, result, (subject) => `${run} ended: ${subject}`, log);
};

/**
 * Nobody has looked what a run that could not report has left behind, where it may have run SQL: what was said before of
 * its bundle, or of those that it was to take away, does not stand any more until a run shows that it does.
 */
const takeBack = async ({ token, ...record }: RunRecord, end: End): Promise<void> => {
  const { run, digest, startedAt, requestedBy, revert, restores } = record;
  // Of an earlier version's run it can't be told whether another has come since.
  if (token === undefined) return;
  const began =
    restores === undefined
      ? (await restorePoints(ledger(), run)).length > 0
      : (await restoredAll(ledger(), run)).some(isExchanging);
  if (!began) return;
  const approvedBy = approversIn((await getRequest(ledger(), run))?.votes ?? []);
  const by = { run, token, startedAt, endedAt: end.at.toISOString(), requestedBy, approvedBy };
  if (restores !== undefined) return takeBackSince(restores, restoredAway({ ...by, restores }));
  const ended = { ...by, plan: record.planDigest ?? null, because: `${run} ended without a report` };
  if (revert) return takeBackReverted(revert, { ...ended, standing: 'reverted' });
  const before = await standingOf(ledger(), digest);
  if (before) await say(takenBack(before, { ...ended, standing: 'failed' }));
};

const tell = async (record: RunRecord, end: End, log: World['log']): Promise<void> => {
  const { run } = record;
  const found = await verdicts(ledger(), run);
  const ended = end.status === 'ABORTED' ? { RunsStopped: 1 } : { RunsFailed: 1 };
  count(here(), end.at, { ...ended, ...(found.length === 0 ? {} : metricsOfDatabases(found)) }, { run });
  const migrated = found.filter(({ applied, reverted }) => applied.length + reverted.length > 0).length;
  const result: Result = {
    status: titleOf(end),
    failure: { error: end.error, cause: `${sentence(end)}\n${next(record)}` },
    migrated,
    ...(record.revert ? { revert: record.revert } : {}),
    ...(record.restores === undefined ? {} : { done: 'The ledger knows how far it came with each cluster.' }),
  };
  const what = record.restores === undefined ? 'Run' : 'Restore';
  await tellResult({ run, admitted: true }, result, (subject) => `${what} ${run} ended: ${subject}`, log);
};

const titleOf = ({ status }: End): string => (status === 'ABORTED' ? 'STOPPED' : 'FAILED');

const sentence = ({ status, cause }: End): string => {
  const why = cause === '' ? '.' : `: ${cause}`;
  if (status === 'ABORTED') return `Somebody stopped the execution${why}`;
  return `The execution ended without a report${why}`;
};

const next = ({ restores }: RunRecord): string =>
  restores === undefined
    ? 'What was under way in a database may still have finished. The next run takes up what is left.'
    : 'The same command takes it up again.';
