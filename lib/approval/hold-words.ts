import type { Failing, Hold } from '../ledger/hold.ts';
import type { Answer } from '../ledger/request.ts';
import { counted } from './summary.ts';

/** How many databases of the rollout came out how, and how many were not begun. */
export const totals = ({ waves }: Pick<Hold, 'waves'>): { verdicts: Record<string, number>; untouched: number } => {
  const verdicts: Record<string, number> = {};
  let untouched = 0;
  for (const wave of waves) {
    untouched += wave.databases;
    for (const [verdict, number] of Object.entries(wave.verdicts)) {
      verdicts[verdict] = (verdicts[verdict] ?? 0) + number;
      untouched -= number;
    }
  }
  return { verdicts, untouched };
};

/** `17 applied, 2 failed, 120 not begun` */
export const tally = (hold: Pick<Hold, 'waves'>): string => {
  const { verdicts, untouched } = totals(hold);
  const said = Object.entries(verdicts).toSorted(([a], [b]) => rank(a) - rank(b));
  return [
    ...said.map(([verdict, number]) => `${number.toLocaleString('en')} ${verdict}`),
    ...(untouched > 0 ? [`${untouched.toLocaleString('en')} not begun`] : []),
  ].join(', ');
};

/** Verdicts in the order in which people want to hear of them; others come last. */
const ORDER = ['applied', 'reverted', 'failed', 'in doubt', 'running', 'skipped'];
export const rank = (verdict: string): number => (ORDER.includes(verdict) ? ORDER.indexOf(verdict) : ORDER.length);

/** What each answer would do, in a sentence or two; null for one that there is not. */
export const consequence = (hold: Hold, answer: Answer): string | null => {
  const { verdicts } = totals(hold);
  const done = (verdicts.applied ?? 0) + (verdicts.reverted ?? 0);
  const left = hold.waves.filter(({ wave }) => wave > hold.wave);
  const ahead = left.reduce((sum, { databases }) => sum + databases, 0);
  switch (answer) {
    case 'resume':
      return left.length === 0
        ? 'The run goes on to its end: no wave is left. What has failed stays as it is.'
        : `The rollout goes on with wave ${left[0]!.wave}: ${counted(ahead, 'database')} in ${counted(left.length, 'wave')} are still to come. What has failed stays as it is.`;
    case 'revert':
      return hold.canRevert
        ? `The run ends here, and what it has applied is taken back, newest first, by a run of its own: in ${counted(done, 'database')} and wherever it got half-way.`
        : null;
    case 'abandon':
      return `The run ends here as failed. ${counted(done, 'database')} ${done === 1 ? 'keeps' : 'keep'} what ${done === 1 ? 'it has' : 'they have'}, the rest is not begun; another run of the bundle would take it up from there.`;
    default:
      return null;
  }
};

/** Why revert is not offered. */
export const noWayBack = ({ withoutDown }: Hold): string =>
  withoutDown.length > 0
    ? `It can’t be reverted: ${withoutDown.slice(0, 5).join(', ')}${withoutDown.length > 5 ? ` and ${withoutDown.length - 5} more` : ''} ${withoutDown.length === 1 ? 'has' : 'have'} no down file.`
    : 'It can’t be reverted.';

/** `after wave 2`, `before its first wave` */
export const when = ({ wave }: Pick<Hold, 'wave'>): string =>
  wave === 0 ? 'before its first wave' : `after wave ${wave}`;

/** `002_x.sql:12`, where the failure has a place. */
export const placeOf = ({ file, line }: Failing): string =>
  file === null ? '' : `${file}${line === null ? '' : `:${line}`}`;
