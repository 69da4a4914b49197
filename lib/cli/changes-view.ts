import type { Change } from './changes.ts';
import { painter, type Style } from './output.ts';
import { time } from './time.ts';
import { told } from './told.ts';
import { counted, table } from './words.ts';

/**
 * A line for what one run did with one migration in one environment, in however many databases. Only what is complete
 * lets it say that nothing was ever done.
 */
export const changesView = (
  changes: Change[],
  { problems, ledger, complete }: { problems: string[]; ledger: boolean; complete: boolean },
  colours: boolean,
): string => {
  const paint = painter(colours);
  const groups = [
    ...Map.groupBy(changes, (it) =>
      JSON.stringify([it.service, it.environment, it.migration, it.became, it.run ?? it.at, it.reason]),
    ).values(),
  ];
  const several = new Set(changes.map(({ service }) => service)).size > 1;
  const rows = groups.map((group) => row(group, several));
  const [head = '', ...lines] = table([
    ['AT', 'ENVIRONMENT', 'MIGRATION', 'BECAME', 'DATABASES', 'RUN', 'STARTED BY', 'APPROVED BY'],
    ...rows,
  ]);
  const shown = lines.flatMap((line, at) => {
    const [first] = groups[at]!;
    const style = STYLES[first!.became];
    const why = first!.reason === null ? [] : [`  ${told(first!.reason)}`];
    return [style ? paint(style, line) : line, ...why];
  });
  return [
    ...(changes.length > 0 ? [paint('dim', head), ...shown, ''] : []),
    ...problems.map((problem) => paint('red', told(problem))),
    ...(ledger ? [] : ['These credentials may not read the ledger, which tells who started and approved.']),
    changes.length > 0 ? counted(changes.length, 'change') : complete ? NOTHING : 'Nothing like that was found.',
  ].join('\n');
};

const NOTHING = 'Nothing like that was ever done.';

const row = (group: Change[], several: boolean): string[] => {
  const last = group.at(-1)!;
  const [only] = group;
  return [
    time(last.at),
    several ? `${last.service}/${last.environment}` : last.environment,
    last.name ? `${last.migration} ${last.name}` : last.migration,
    last.became,
    group.length === 1 ? `${only!.cluster}/${only!.database}` : String(group.length),
    last.run ?? '–',
    last.startedBy ?? '–',
    last.approvedBy.length > 0 ? last.approvedBy.join(', ') : '–',
  ];
};

const STYLES: Partial<Record<Change['became'], Style>> = {
  failed: 'red',
  'in doubt': 'red',
  running: 'cyan',
  reverting: 'cyan',
  reverted: 'dim',
};
