import type { Migration } from '../migrations/bundle.ts';
import type { BaselinePlan } from './adopt-databases.ts';
import type { Adopted } from './baseline.ts';
import { painter } from './output.ts';
import { counted, table } from './words.ts';

/** What adopting would do in each database, and what speaks against it. */
export const planView = (
  { databases, warnings }: BaselinePlan,
  migrations: Migration[],
  from: string,
  colours: boolean,
): string => {
  const paint = painter(colours);
  const fileOf = (id: string | undefined) => migrations.find((it) => it.id === id)?.file ?? '–';
  const rows = databases.map((it) => [
    ...[it.cluster, it.database, String(it.matched.length), it.matched.at(-1)?.theirs ?? '–'],
    ...[
      it.outcome === 'refused' ? 'refused' : String(it.marked.length),
      fileOf(it.marked.at(-1)),
      fileOf(it.pending[0]),
    ],
  ]);
  const heads = ['CLUSTER', 'DATABASE', 'LISTED', 'LAST', 'MARK', 'UP TO', 'NEXT'];
  const [head = '', ...lines] = table([heads, ...rows], [2, 4]);
  const refused = databases.filter(({ outcome }) => outcome === 'refused');
  return [
    `${paint('bold', `What ${from} has applied`)}, to be marked as applied without running any of it:`,
    '',
    paint('dim', head),
    ...lines.map((line, at) => (databases[at]?.outcome === 'refused' ? paint('red', line) : line)),
    ...refused.flatMap((it) => ['', `${paint('red', '✗')} ${it.cluster}/${it.database}`, ...listed(it.problems)]),
    ...warnings.flatMap((warning) => ['', `${paint('yellow', '!')} ${warning}`]),
    ...(refused.length > 0 ? ['', `${counted(refused.length, 'database')} refused: nothing is changed anywhere.`] : []),
  ].join('\n');
};

/** What was done. */
export const resultView = (databases: Adopted[], colours: boolean): string => {
  const paint = painter(colours);
  const marked = databases.filter(({ outcome }) => outcome === 'marked');
  const failed = databases.filter(({ outcome }) => outcome === 'failed');
  const migrations = marked.reduce((sum, it) => sum + it.marked.length, 0);
  return [
    ...failed.map((it) => `${paint('red', '✗')} ${it.cluster}/${it.database}: ${it.problems.join('; ')}`),
    marked.length > 0
      ? `${counted(migrations, 'migration')} marked as applied in ${counted(marked.length, 'database')}.`
      : 'Nothing was changed.',
  ].join('\n');
};

const SHOWN = 20;

const listed = (problems: string[]): string[] => [
  ...problems.slice(0, SHOWN).map((problem) => `  ${problem}`),
  ...(problems.length > SHOWN ? [`  and ${counted(problems.length - SHOWN, 'problem')} more`] : []),
];
