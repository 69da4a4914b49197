import { visible } from '../approval/page/visible.ts';
import { type DatabaseStatus, type MigrationStatus, type Status, wrongs } from '../fleet/status.ts';
import { painter } from './output.ts';
import type { StatusDocument } from './status-document.ts';
import { told } from './told.ts';
import { counted, table } from './words.ts';

/** The matrix of migrations and environments, then where each environment's databases stand, then what is amiss. */
export const statusView = (it: StatusDocument, colours: boolean): string => {
  const paint = painter(colours);
  if (it.environments.length === 0) return 'No pipeline is deployed.';
  const { rows: migrations, note } = matrix(it);
  const [head = '', ...lines] = table(migrations);
  const standing = standings(it);
  const [above = '', ...below] = table(
    standing.map(({ cells }) => cells),
    [1],
  );
  return [
    ...(lines.length > 0 ? [paint('dim', head), ...lines] : []),
    ...(note ? [paint('dim', note)] : []),
    '',
    paint('dim', above),
    ...below.map((line, at) => (standing[at + 1]!.amiss ? paint('red', line) : line)),
    ...hotfixLines(it).map((line) => `\n${paint('red', told(line))}`),
  ].join('\n');
};

/** The same for a comment or a job summary. */
export const statusMarkdown = (it: StatusDocument): string => {
  if (it.environments.length === 0) return 'No pipeline is deployed.';
  const { rows, note } = matrix(it);
  const standing = standings(it).map(({ cells, amiss }) => (amiss ? [...cells.slice(0, 3), `⚠ ${cells[3]}`] : cells));
  return [
    `### ${escaped(it.service)}: migrations in ${counted(it.environments.length, 'environment')}`,
    ...(rows.length > 1 ? [markdownTable(rows)] : []),
    ...(note ? [note] : []),
    markdownTable(standing),
    ...hotfixLines(it).map((line) => `> ⚠ ${escaped(line)}`),
  ].join('\n\n');
};

const markdownTable = ([head = [], ...rows]: string[][]): string =>
  [head.map(escaped), head.map(() => '---'), ...rows.map((row) => row.map(escaped))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

/** Names come out of databases, and a comment is no place for somebody's mark-up. */
const escaped = (text: string): string =>
  visible(text.replace(/\s+/g, ' ')).replace(/[\\`*_{}[\]<>()#+!|@~]/g, (it) => `\\${it}`);

/** Only migrations that aren't everywhere, below the newest one that is. */
const matrix = ({ environments, migrations }: Status): { rows: string[][]; note: string } => {
  const sizes = environments.map(({ databases }) => databases.length);
  const everywhere = ({ applied }: MigrationStatus): boolean => applied.every((count, at) => count === sizes[at]);
  const newest = migrations.findLast(everywhere);
  const shown = migrations.filter((it) => it === newest || !everywhere(it));
  const older = migrations.length - shown.length;
  const rows = shown.map((it) => [label(it), ...it.applied.map((count, at) => share(count, sizes[at]!))]);
  return {
    rows: [['MIGRATION', ...environments.map(({ environment }) => environment)], ...rows],
    note: older > 0 ? `and ${older} more that ${older === 1 ? 'is' : 'are'} everywhere` : '',
  };
};

const label = ({ migration, name }: MigrationStatus): string =>
  name ? `${migration} ${name}` : `${migration} (no file)`;

const share = (count: number, all: number): string => {
  if (count === 0) return '–';
  return count === all ? '✓' : `${count} of ${all}`;
};

type Line = { cells: string[]; amiss: boolean };

/** Databases that stand alike are one line, the most first; the few are named. */
const standings = ({ environments, migrations }: Status): Line[] => {
  const names = new Map(migrations.map((it) => [it.migration, label(it)]));
  const lines = environments.flatMap(({ environment, databases }): Line[] => {
    const groups = Map.groupBy(databases, (it) => JSON.stringify([it.version, states(it)]));
    const sorted = [...groups.values()].toSorted((a, b) => b.length - a.length);
    if (sorted.length === 0) return [{ cells: [environment, '0', '–', 'no database'], amiss: false }];
    return sorted.map((group, at) => {
      const [first] = group as [DatabaseStatus];
      const stated = states(first).join('; ') || 'up to date';
      const who = at === 0 && wrongs(first).length === 0 ? '' : `: ${some(group)}`;
      const version = first.version === null ? '–' : names.get(first.version)!;
      return {
        cells: [at === 0 ? environment : '', String(group.length), version, stated + who],
        amiss: wrongs(first).length > 0,
      };
    });
  });
  return [{ cells: ['ENVIRONMENT', 'DATABASES', 'VERSION', 'STATE'], amiss: false }, ...lines];
};

const states = (it: DatabaseStatus): string[] => [
  ...(it.behind.length > 0 ? [`${it.behind.length} behind`] : []),
  ...wrongs(it),
];

const some = (databases: DatabaseStatus[]): string => {
  const named = databases.slice(0, 3).map(({ cluster, database }) => `${cluster}/${database}`);
  const more = databases.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
};

const hotfixLines = ({ hotfixes }: Status): string[] =>
  hotfixes.map(
    (it) =>
      `${it.migration} is applied in ${it.in.join(', ')} and missing in ${it.missingIn.join(', ')}, which ${it.missingIn.length === 1 ? 'comes' : 'come'} before.`,
  );
