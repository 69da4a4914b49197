import { riskOf } from '../policy/risk.ts';
import { painter } from './output.ts';
import type { Preview } from './revert-preview.ts';
import { time } from './time.ts';
import { table } from './words.ts';

/** What would be taken back where, and with which files. */
export const revertView = ({ record, bundle, databases }: Preview, environment: string, colours: boolean): string => {
  const paint = painter(colours);
  const ids = new Set(databases.flatMap(({ pending }) => pending));
  const rows = databases.map(({ cluster, database, pending }) => [cluster, database, span(pending)]);
  const [head = '', ...lines] = table([['CLUSTER', 'DATABASE', 'TAKES BACK'], ...rows]);
  const files = bundle.migrations
    .filter(({ id }) => ids.has(id))
    .reverse()
    .map(({ id, file, down }) => {
      if (down === null) return [id, file, NO_DOWN, ''];
      const { risk, reason } = riskOf(down.statements);
      return [id, down.file, risk, reason];
    });
  const [fileHead = '', ...fileLines] = table([['MIGRATION', 'FILE', 'RISK', ''], ...files]);
  const shown = fileLines.map((line, at) => (files[at]?.[2] === NO_DOWN ? paint('red', line) : line));
  return [
    `${paint('bold', `Run ${record.run}`)} in ${environment}: of ${time(record.startedAt)}, by ${record.requestedBy}`,
    '',
    paint('dim', head),
    ...lines,
    ...(files.length > 0 ? ['', paint('dim', fileHead), ...shown] : []),
  ].join('\n');
};

const NO_DOWN = 'no down file';

const span = (ids: string[]): string => {
  if (ids.length === 0) return 'nothing';
  return ids.length <= 8 ? ids.join(', ') : `${ids.slice(0, 4).join(', ')} … ${ids.at(-1)} (${ids.length})`;
};
