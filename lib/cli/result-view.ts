import type { Bundle } from '../migrations/bundle.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { leftOutLines } from './left-out.ts';
import { painter } from './output.ts';
import { runTable } from './run-table.ts';
import { toldLines } from './told.ts';

/** How a run that was followed ended. */
export const resultView = (result: EnvironmentResult, bundle: Bundle, colours: boolean): string => {
  const { environment, databases, failure, status, unfit } = result;
  const leftOut = leftOutLines(environment, unfit, painter(colours));
  if (databases.length === 0) {
    const end = failure?.error ? toldLines(`${failure.error}: ${failure.cause}`) : `It ended as ${status}.`;
    return [end, ...leftOut].join('\n');
  }
  if (databases.length <= MANY) return `\n${runTable([result], bundle, colours)}`;
  const failed = databases.filter((it) => it.failed !== null);
  const others = Object.groupBy(
    databases.filter((it) => it.failed === null),
    ({ verdict }) => verdict ?? 'up to date before',
  );
  const counts = Object.entries(others).map(([verdict, all]) => `${all?.length.toLocaleString('en')} ${verdict}`);
  const listed = failed.length > 0 ? [runTable([{ ...result, databases: failed }], bundle, colours)] : leftOut;
  return ['', ...listed, `${failed.length > 0 ? 'Of the others' : 'All databases'}: ${counts.join(', ')}`].join('\n');
};

/** More databases than anybody reads line by line: those that failed are listed, the others counted. */
const MANY = 100;
