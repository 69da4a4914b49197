import type { Bundle } from '../migrations/bundle.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { code, fenced, plain, rows } from './markdown.ts';
import type { Waiting } from './run-environment.ts';
import { takenBackBy, version } from './run-table.ts';
import { time } from './time.ts';
import { counted } from './words.ts';

/** How a run ended, for the summary of a CI job: every database with its version, and what went wrong. */
export const runMarkdown = (result: EnvironmentResult, { migrations }: Bundle): string => {
  const { environment, status, run, failure, databases, revert } = result;
  const newest = migrations.at(-1)?.id ?? '';
  const failed = databases.filter((it) => it.failed !== null);
  const shown = databases.length > MANY ? failed.slice(0, MANY) : databases;
  const lines = shown.map((it) => [
    ...[code(it.cluster), code(it.database), plain(version(it, newest, revert))],
    it.applied.length === 0 ? '–' : String(it.applied.length),
  ]);
  const more = databases.length - shown.length;
  return [
    `### ${status === 'SUCCEEDED' ? '✅' : '❌'} ${plain(environment)}: ${plain(status)}`,
    `Run ${code(run)}, ${counted(databases.length, 'database')}, ${result.seconds.toFixed(1)} s.`,
    ...(failure ? [fenced(`${failure.error}: ${failure.cause}`)] : []),
    ...(result.revertedBy === null ? [] : [plain(takenBackBy(environment, result.revertedBy))]),
    ...(lines.length > 0 ? [rows(['cluster', 'database', 'version', 'applied'], lines)] : []),
    ...(more > 0 ? [`${counted(more, 'more database')}.`] : []),
    ...leftOut(result),
  ].join('\n\n');
};

const leftOut = ({ unfit }: EnvironmentResult): string[] => {
  const lines = unfit
    .slice(0, MANY)
    .map(({ cluster, problems }) => `- ⚠️ left out ${code(cluster)}: ${problems.map(plain).join('; ')}`);
  const more = unfit.length - lines.length;
  if (more > 0) lines.push(`- and ${counted(more, 'more cluster')} left out.`);
  return lines.length > 0 ? [lines.join('\n')] : [];
};

/** More databases or clusters than anybody reads line by line: of databases those that failed are listed then. */
const MANY = 100;

/** Of a run that waits for people, or for its window. */
export const waitingMarkdown = (
  { environment, run, waiting }: { environment: string; run: string; waiting: Waiting },
  next: string,
): string => {
  const { reason } = waiting;
  const what = WAITS[waiting.for];
  const until = waiting.for === 'window' && waiting.until !== null ? ` until ${time(waiting.until)}` : '';
  return [
    `### ⏳ ${plain(environment)}: ${what}${plain(until)}`,
    ...(reason === null ? [] : [plain(reason)]),
    `Run ${code(run)}. ${plain(next)}`,
  ].join('\n\n');
};

const WAITS = {
  approval: 'it waits for approval',
  hold: 'it is held',
  promotion: 'it waits for what its path asks for',
  window: 'it is parked',
} as const satisfies Record<Waiting['for'], string>;
