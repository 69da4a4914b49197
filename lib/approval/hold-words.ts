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
  switch (answer) {
    case 'resume':
      return `${resumed(hold)} What has failed stays as it is.`;
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

const resumed = (hold: Hold): string => {
  const left = hold.waves.filter(({ wave }) => wave > hold.wave);
  const ahead = left.reduce((sum, { databases }) => sum + databases, 0);
  const onward =
    left.length === 0
      ? 'goes on to its end: no other wave is left.'
      : `goes on with wave ${left[0]!.wave}: ${counted(ahead, 'database')} in ${counted(left.length, 'wave')} ${ahead === 1 ? 'is' : 'are'} still to come.`;
  if (hold.wave === 0 || hold.onward) return `The rollout ${onward}`;
  const count = unfinished(hold);
  return count === 0
    ? `Nothing of wave ${hold.wave} is left to begin: it is looked at as after any wave, and if that goes well, the rollout ${onward}`
    : `${counted(count, 'database')} of wave ${hold.wave} ${count === 1 ? 'was' : 'were'} not begun or not finished, and ${count === 1 ? 'has its' : 'have their'} turn now. If that goes well, the rollout ${onward}`;
};

/** How many databases of the wave that is held are taken up when it is carried out once more. */
const unfinished = (hold: Hold): number => {
  const { databases = 0, verdicts = {} } = hold.waves.find(({ wave }) => wave === hold.wave) ?? {};
  const begun = Object.values(verdicts).reduce((sum, number) => sum + number, 0);
  return databases - begun + (verdicts.running ?? 0);
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
