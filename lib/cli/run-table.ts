import { inWords } from '../fleet/differences-in-words.ts';
import { heldWhy } from '../ledger/hold-record.ts';
import type { Bundle } from '../migrations/bundle.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { leftOutLines } from './left-out.ts';
import { painter } from './output.ts';
import { voteLine } from './run-approvals.ts';
import { told, toldLines } from './told.ts';
import { counted, table } from './words.ts';

/** Environments × databases × versions, and what went wrong where. */
export const runTable = (results: EnvironmentResult[], { migrations }: Bundle, colours: boolean): string => {
  const newest = migrations.at(-1)?.id ?? '';
  const stepwise = new Set(migrations.filter(({ mode }) => mode === 'stepwise').map(({ id }) => id));
  const paint = painter(colours);
  const rows = results.flatMap(({ environment, databases, revert }) =>
    databases.map((it) => [
      environment,
      it.cluster,
      it.database,
      version(it, newest, revert),
      it.applied.length + it.reverted.length === 0 ? '–' : String(it.applied.length + it.reverted.length),
      it.snapshot ?? '–',
      it.fingerprint?.slice(0, 12) ?? '–',
    ]),
  );
  const done = results.some(({ revert }) => revert !== null) ? 'TAKEN BACK' : 'APPLIED';
  const heads = ['ENVIRONMENT', 'CLUSTER', 'DATABASE', 'VERSION', done, 'RESTORE POINT', 'FINGERPRINT'];
  const [head = '', ...lines] = table([heads, ...rows], [4]);
  const failures = results.flatMap((result) => explain(result, stepwise, paint));
  const approvals = results.flatMap((it) => it.approvals.map((vote) => `${it.environment}  ${voteLine(vote)}`));
  const drift = results.flatMap((it) =>
    it.drift.map((one) => `${paint('yellow', '!')} ${it.environment}  drift: ${told(one)}`),
  );
  const back = results.flatMap(({ environment, revertedBy }) =>
    revertedBy === null ? [] : [`${paint('yellow', '↩')} ${environment}  ${takenBackBy(environment, revertedBy)}`],
  );
  const leftOut = results.flatMap(({ environment, unfit }) => leftOutLines(environment, unfit, paint));
  const more = [approvals, results.flatMap(holds), drift, leftOut, failures, back].flatMap(below);
  return [paint('dim', head), ...lines, ...more].join('\n');
};

const holds = ({ environment, holds }: EnvironmentResult): string[] =>
  holds.flatMap((hold) => [
    `${environment}  ${told(heldWhy(hold))}; ${told(hold.sentence)}`,
    ...hold.votes.map((vote) => `  ${voteLine(vote)}`),
  ]);

const below = (lines: string[]): string[] => (lines.length > 0 ? ['', ...lines] : []);

/** What has become of a run since the moment that the rest tells of. */
export const takenBackBy = (environment: string, revertedBy: string): string =>
  `what it applied is taken back by ${revertedBy}: lockstep watch ${environment} ${revertedBy}`;

/** The newest migration that a database has. */
export const version = (
  { pending, reverted, failed, verdict }: EnvironmentResult['databases'][number],
  newest: string,
  revert: string | null,
): string => {
  if (verdict === 'in doubt') return verdict;
  if (failed) return 'failed';
  if (revert !== null) return reverted.length === 0 ? '–' : `before ${reverted.at(-1)}`;
  return pending.length === 0 ? newest : `before ${pending[0]}`;
};

const explain = (
  { environment, status, failure, databases, differences, revert }: EnvironmentResult,
  stepwise: ReadonlySet<string>,
  paint: ReturnType<typeof painter>,
): string[] => {
  if (status === 'SUCCEEDED') return [];
  const failed = databases.filter((it) => it.failed !== null);
  if (failed.length === 0)
    return [`${paint('red', '✗')} ${environment}: ${told(failure?.error ?? '')}: ${toldLines(failure?.cause ?? '')}`];
  // What those differ in that did not fail is another matter.
  const drift = differences !== null && differences.schemas > 1 ? [inWords(differences)] : [];
  const each = failed.flatMap((it) => [
    `${it.verdict === 'in doubt' ? paint('yellow', '? in doubt') : paint('red', '✗')} ${environment}  ${told(`${it.cluster}/${it.database}`)}`,
    ...(place(it.failed) === '' ? [] : [`  ${place(it.failed)}`]),
    `  ${toldLines(it.failed?.message ?? '')}`,
    ...(it.remedy === null ? [] : [`  ${toldLines(it.remedy)}`]),
    `  ${told(revert === null ? whatStands(it, stepwise) : whatIsBack(it))}`,
  ]);
  return [...each, ...drift.map((it) => `${paint('red', '✗')} ${environment}  ${toldLines(it)}`)];
};

const place = (failed: Failed): string => {
  const file = failed?.file ? `${failed.file}${failed.line === null ? '' : `:${failed.line}`}` : '';
  const statement = failed?.statement ? `statement ${failed.statement}` : '';
  const state = failed?.sqlstate ? `SQLSTATE ${failed.sqlstate}` : '';
  return [file, statement, state]
    .filter((part) => part !== '')
    .map(told)
    .join('  ');
};

type Failed = EnvironmentResult['databases'][number]['failed'];

const whatStands = (
  { failed, verdict, applied, snapshot }: EnvironmentResult['databases'][number],
  stepwise: ReadonlySet<string>,
): string => {
  const parts = [];
  if (failed?.migration && verdict !== 'in doubt') {
    const { migration } = failed;
    parts.push(
      stepwise.has(migration)
        ? `${migration} is stepwise: its statements before that one stand`
        : `${migration} left no trace`,
    );
  }
  parts.push(
    `${counted(applied.length, 'migration')} applied by this run before it stand${applied.length === 1 ? 's' : ''}`,
  );
  if (snapshot) parts.push(`restore point ${snapshot}`);
  return `${parts.join('; ')}.`;
};

const whatIsBack = ({ reverted, pending, snapshot }: EnvironmentResult['databases'][number]): string =>
  `${[
    `${counted(reverted.length, 'migration')} taken back`,
    `${pending.length === 0 ? 'none' : pending.join(', ')} still to be; the same command goes on there`,
    ...(snapshot ? [`restore point ${snapshot}`] : []),
  ].join('; ')}.`;
