import type { HistoryEntry } from '../database/history.ts';
import type { Change } from '../database/resolve.ts';
import { standing } from '../fleet/pending.ts';
import type { Bundle } from '../migrations/bundle.ts';
import { painter } from './output.ts';
import { nameOf, type Target } from './target.ts';
import { counted, table } from './words.ts';

/** What overruling would change, and what the next plan would say of the database then. */
export const resolveView = (
  target: Target,
  { migration, before, after, moved, verdict }: Change,
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
  const then = [
    ...history.filter((it) => it.migration !== migration),
    ...[{ migration, position: after.position, checksum: after.checksum, state: after.state }],
  ].map((it) => ({ ...it, state: it.state === 'in doubt' ? ('failed' as const) : it.state }));
  const { applied, problems } = standing(bundle, then);
  const next = bundle.migrations[applied]?.file;
  return [
    `${paint('bold', nameOf(target))}  ${migration} ${after.name}, to be marked as ${verdict}`,
    '',
    paint('dim', head),
    ...lines,
    '',
    ...(before?.failure ? [`It failed with: ${before.failure.message}`] : []),
    ...(verdict === 'not applied' && after.step === 0 && before && before.step > 0
      ? [
          paint(
            'yellow',
            `${counted(before.step, 'statement')} of it took effect by history: the next run begins at the first again. --done says otherwise.`,
          ),
        ]
      : []),
    ...(moved.length > 0 ? [`Brought to their places in the folder: ${moved.join(', ')}.`] : []),
    ...(problems.length > 0
      ? [paint('yellow', 'The next plan would still stop:'), ...problems.map((it) => `  ${it}`)]
      : [next ? `The next run would go on with ${next}.` : 'Nothing would be pending.']),
  ].join('\n');
};
