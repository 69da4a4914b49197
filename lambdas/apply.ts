import { appliedBy } from '../lib/database/applied-by.ts';
import { apply, type Progress, type StatementFailure, type Waiting } from '../lib/database/apply.ts';
import { databaseError } from '../lib/database/call.ts';
import { remedy } from '../lib/database/doubt.ts';
import { type Session, session } from '../lib/database/session.ts';
import { isExpected } from '../lib/failure.ts';
import { pendingOf } from '../lib/fleet/pending.ts';
import { actorOf, RevertRefused, reverting } from '../lib/fleet/reverting.ts';
import { runRows } from '../lib/fleet/run-rows.ts';
import { databaseOf, failed, verdictBase, WorkItem } from '../lib/fleet/work-item.ts';
import { recordVerdict } from '../lib/ledger/runs.ts';
import { startable } from '../lib/ledger/wave-tally.ts';
import type { Bundle } from '../lib/migrations/bundle.ts';
import { ledger } from './ledger.ts';
import { bucket, rdsData, variable } from './services.ts';
import { task } from './task.ts';

/** Brings one database to the bundle's newest migration, or takes a run back there, as far as one invocation gets. */
export const handler = task({
  name: 'Apply',
  input: WorkItem,

  async run(item, { remaining, log }) {
    if (!(await mayStart(item))) return { ...nothing, state: 'skipped' };
    const bundle = await bucket().bundle(item.run.digest);
    const data = session(rdsData());
    const progress = await carryOut(item, bundle, data, remaining).catch((error) =>
      brokenOff(error, item, bundle, data, remaining),
    );
    log.info('applied', { state: progress.state, migrations: progress.applied.length, dataApiCalls: data.calls() });
    const dataApiCalls = (item.progress?.dataApiCalls ?? 0) + data.calls();
    const { state, applied, milliseconds, waiting } = progress;
    const failure = progress.failure && withoutRemedy(progress.failure, item.database.database);
    const told = { ...item, progress: { ...progress, dataApiCalls } };
    if (failure) {
      const verdict = failed(told, failure, bundle, state === 'in doubt' ? 'in doubt' : 'failed');
      await recordVerdict(ledger(), item.run.run, verdict, item.wave.wave);
    }
    if (waiting) {
      const note = sentence(waiting);
      const running = { ...verdictBase(told), verdict: 'running', failure: null, fingerprint: null, note } as const;
      await recordVerdict(ledger(), item.run.run, running);
    }
    return { state, applied, milliseconds, dataApiCalls };
  },
});

const nothing = { applied: [], milliseconds: 0, dataApiCalls: 0 };

/** What is at work already is left to finish, and so is what may be: nobody knows what became of an earlier try. */
const mayStart = async ({ run, wave, cluster: { cluster }, database: { database }, retries, progress }: WorkItem) =>
  progress !== undefined || retries > 0 || (await startable(ledger(), run, wave, { cluster, database })).start;

const carryOut = async (item: WorkItem, bundle: Bundle, data: Session, remaining: () => number): Promise<Progress> => {
  const { run, database, progress } = item;
  return apply(data, databaseOf(item), {
    migrations: bundle.migrations,
    direction: run.direction,
    pending: run.revert === null ? pendingOf(bundle, database) : await takenBack(item, bundle, data, run.revert),
    installed: database.installed || progress !== undefined,
    run: actorOf(run),
    token: run.token,
    lockTimeout: `${variable('LOCK_TIMEOUT')}ms`,
    statementTimeout: Number(variable('STATEMENT_TIMEOUT')),
    lockPatience: Number(variable('LOCK_PATIENCE')),
    integrity: { rows: variable('GUARD_ROWS') === 'yes', sequences: variable('GUARD_SEQUENCES') === 'yes' },
    checks: bundle.verify ?? [],
    remaining,
  });
};

/** The database itself tells what stands there of a run, and what of it this revert has taken back in earlier calls. */
const takenBack = async (item: WorkItem, bundle: Bundle, data: Session, revert: string): Promise<string[]> => {
  const history = await runRows(data, databaseOf(item));
  const { done, pending, problems } = reverting(bundle, history, { run: item.run.run, revert });
  if (problems.length > 0) throw new RevertRefused({ revert, reason: problems.join(' ') });
  return [...done, ...pending];
};

/** What breaks the work off takes nothing back that is committed: history tells how far it came. */
const brokenOff = async (
  error: unknown,
  item: WorkItem,
  bundle: Bundle,
  data: Session,
  remaining: () => number,
): Promise<Progress> => {
  const said = databaseError(error);
  if (said === null && !isExpected(error)) throw error;
  const { applied, next } = await howFar(item, bundle, data, remaining).catch(() => ({
    applied: item.progress?.applied ?? [],
    next: null,
  }));
  const failure = said
    ? { migration: next, statement: null, sqlstate: said.sqlstate, message: said.message }
    : {
        migration: null,
        statement: null,
        sqlstate: '',
        message: `${(error as Error).name}: ${(error as Error).message}`,
      };
  return { state: 'failed', applied, milliseconds: item.progress?.milliseconds ?? 0, failure, waiting: null };
};

const howFar = async (item: WorkItem, bundle: Bundle, data: Session, remaining: () => number) => {
  const { run, revert } = item.run;
  if (revert !== null) {
    const { done, pending } = reverting(bundle, await runRows(data, databaseOf(item)), { run, revert });
    return { applied: done, next: pending[0] ?? null };
  }
  const applied = await appliedBy(data, databaseOf(item), run, remaining);
  return { applied, next: pendingOf(bundle, item.database).find((id) => !applied.includes(id)) ?? null };
};

/** The report tells what to do about a migration in doubt, with the names that it goes by there. */
const withoutRemedy = (failure: StatementFailure, database: string): StatementFailure => ({
  ...failure,
  message: failure.message.replace(`. ${remedy('ENVIRONMENT', database, failure.migration ?? '')}`, ''),
});

/** `0004#1 has been at work for 62 s: building index, 40 %; waits for pid 17 (…)` */
const sentence = ({ place, seconds, phase, percent, blockers }: Waiting): string => {
  const progress = [phase, percent === null ? null : `${percent} %`].filter((part) => part !== null).join(', ');
  const waits = blockers.length > 0 ? `; waits for ${blockers.join(', ')}` : '';
  return `${place} has been at work for ${seconds} s${progress ? `: ${progress}` : ''}${waits}`;
};
