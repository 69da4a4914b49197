import type { HistoryEntry } from '../database/history.ts';
import type { Change } from '../database/resolve.ts';
import { pendingOf, standing } from '../fleet/pending.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { painter } from './output.ts';
import { nameOf, type Target } from './target.ts';
import { counted, table } from './words.ts';

/** What overruling would change, and what the next plan would say of the database then. */
export const resolveView = (
  target: Target,
  { migration, statement, before, after, moved, verdict }: Change,
  history: HistoryEntry[],
  bundle: Bundle,
  colours: boolean,
): string => {
  const paint = painter(colours);
  const rows = [
    ['state', before?.state ?? 'not in history', after.state === 'reverted' ? 'not applied' : after.state],
    ['statements done', before ? String(before.step) : '–', String(after.step)],
    ['checksum', before?.checksum.slice(0, 12) ?? '–', after.checksum.slice(0, 12)],
  ];
  const [head = '', ...lines] = table([['', 'NOW', 'THEN'], ...rows]);
  const newest = Math.max(0, ...history.map(({ ordinal }) => ordinal));
  const row = { ...after, migration, ordinal: before?.ordinal ?? newest + 1 };
  const found = standing(bundle, [...history.filter((it) => it.migration !== migration), row]);
  const next = bundle.migrations.find(({ id }) => id === pendingOf(bundle, found)[0])?.file;
  return [
    `${paint('bold', nameOf(target))}  ${statement === null ? '' : `statement ${statement} of `}${migration} ${after.name}, to be marked as ${verdict}`,
    '',
    paint('dim', head),
    ...lines,
    '',
    ...(before?.failure ? [`${statement === null ? 'It failed with: ' : ''}${before.failure.message}`] : []),
    ...(after.note === null ? [] : [`History would say: ${after.note}.`]),
    ...(verdict === 'not applied' && statement === null && after.step === 0 && before && before.step > 0
      ? [
          paint(
            'yellow',
            `${counted(before.step, 'statement')} of it took effect by history: the next run begins at the first again. --done says otherwise.`,
          ),
        ]
      : []),
    ...(moved.length > 0 ? [`Brought to their places in the folder: ${moved.join(', ')}.`] : []),
    ...(found.problems.length > 0
      ? [paint('yellow', 'The next plan would still stop:'), ...found.problems.map((it) => `  ${it}`)]
      : [next ? `The next run would go on with ${next}.` : 'Nothing would be pending.']),
  ].join('\n');
};
