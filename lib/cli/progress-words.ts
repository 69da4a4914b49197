import { rank } from '../approval/hold-words.ts';
import type { Plan } from '../fleet/plan.ts';
import type { Control } from '../ledger/control.ts';
import { heldWhy } from '../ledger/hold-record.ts';
import type { Parked } from '../ledger/parked.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { EnvironmentResult } from './environment-result.ts';
import type { painter } from './output.ts';
import { aboutSo } from './pace.ts';
import { phaseWords } from './phase-words.ts';
import type { Standing, WaveStanding } from './standing.ts';
import { time } from './time.ts';
import { told } from './told.ts';
import { counted } from './words.ts';

export const summary = (plan: Plan): string => {
  const behind = plan.databases.filter(({ pending }) => pending.length > 0);
  const idle = plan.revert === null ? 'pending' : 'to take back';
  const left = `${leftOut(plan)}${(plan.rollout.unmatched ?? []).map((it) => `; ${told(it)}`).join('')}`;
  if (behind.length === 0) return `nothing ${idle} in ${counted(plan.databases.length, 'database')}${left}`;
  const waves = counted(new Set(behind.map(({ wave }) => wave)).size, 'wave');
  const migrations = counted(plan.migrations.length, 'migration');
  const databases = counted(behind.length, 'database');
  return plan.revert === null
    ? `${migrations} for ${databases} in ${waves}${left}`
    : `takes ${migrations} of run ${plan.revert} back in ${databases} in ${waves}${left}`;
};

const leftOut = ({ unfit = [] }: Plan): string => {
  if (unfit.length === 0) return '';
  const [names, more] = [unfit.slice(0, 5).map(({ cluster }) => cluster), unfit.length - 5];
  return `; ${counted(unfit.length, 'cluster')} left out: ${names.map(told).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

export type Paint = ReturnType<typeof painter>;

/** `wave 2 of 3, rest: 4 databases in 4 clusters, 1 at once, 1 may fail` */
export const waveLine = (it: WaveStanding, waves: number): string =>
  [
    `wave ${it.wave} of ${waves}, ${it.name}: ${many(it.databases, 'database')} in ${many(it.clusters, 'cluster')}`,
    ...(it.clusters > 1 ? [`${it.concurrency} at once`] : []),
    ...(it.budget > 0 ? [`${it.budget} may fail`] : []),
  ].join(', ');

/** `10,000 databases` */
const many = (count: number, noun: string): string => counted(count, noun).replace(/^\d+/, count.toLocaleString('en'));

/** `is at wave 2: 37 of 120 databases: 35 applied, 2 failed; 12.3 a minute, about 7 min left; 12 of 40 restore points` */
export const paceLine = (it: Standing, paint: Paint): string =>
  [
    `${phaseWords(it.phase)}: ${it.done.toLocaleString('en')} of ${it.databases.toLocaleString('en')} databases`,
    ...tallies(totalOf(it), paint),
    ...paceOf(it),
    `${it.restorePoints.toLocaleString('en')} of ${it.clusters.toLocaleString('en')} restore points`,
  ].join(', ');

/** `12.3 a minute`, `about 7 min left` */
export const paceOf = ({ perMinute, secondsLeft }: Pick<Standing, 'perMinute' | 'secondsLeft'>): string[] => [
  ...(perMinute === null ? [] : [`${perMinute < 100 ? perMinute.toFixed(1) : Math.round(perMinute)} a minute`]),
  ...(secondsLeft === null ? [] : [`about ${aboutSo(secondsLeft)} left`]),
];

/** `35 applied`, `2 failed` */
export const tallies = (verdicts: WaveStanding['verdicts'], paint: Paint): string[] =>
  Object.entries(verdicts)
    .filter(([, number]) => number > 0)
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([verdict, number]) => {
      const text = `${number.toLocaleString('en')} ${verdict}`;
      return verdict === 'failed' ? paint('red', text) : verdict === 'in doubt' ? paint('yellow', text) : text;
    });

const totalOf = ({ waves }: Standing): WaveStanding['verdicts'] => {
  const total: WaveStanding['verdicts'] = {};
  for (const { verdicts } of waves)
    for (const [verdict, number] of Object.entries(verdicts) as [Verdict['verdict'], number][])
      total[verdict] = (total[verdict] ?? 0) + number;
  return total;
};

/** `held after wave 2: 2 databases failed in wave 2 (rest), and 1 may` */
export const heldLine = (it: { wave: number; reason: string }): string => told(heldWhy(it));

/** `parked until 2027-01-05 01:00:00Z, Tuesday 5 January 2027, 02:00 Europe/Berlin: nothing is changed on a Friday` */
export const parkedSentence = ({ until, shown, reason }: Parked): string =>
  told(`parked until ${time(until)}, ${shown}: ${reason}`);

/** `wave 2 has 10 → 3 clusters in hand at once` */
export const throttledLine = (wave: number | null, before: number, after: number): string =>
  `${wave === null ? 'the wave at work' : `wave ${wave}`} has ${before} → ${counted(after, 'cluster')} in hand at once`;

/** `paused by Ada: the shop is slow; what is under way is finished, no other cluster is begun` */
export const controlLine = ({ state, by, reason }: Control): string => {
  const word = `${state === 'going' ? 'going again' : state} by ${by}${reason ? `: ${reason}` : ''}`;
  return told(state === 'going' ? word : `${word}; what is under way is finished, no other cluster is begun`);
};

export const verdictLine = (
  { cluster, database, verdict, applied, reverted, milliseconds, failure, note }: Verdict,
  paint: Paint,
): string => {
  const name = told(`${cluster}/${database}`);
  const firstLine = told(failure?.message.split('\n')[0] ?? '');
  if (verdict === 'running') return `${paint('cyan', '…')} ${name}  ${told(note ?? '')}`;
  if (verdict === 'in doubt') return `${paint('yellow', '?')} ${name}  ${firstLine}`;
  return failure === null
    ? `${paint('green', '✓')} ${name}  ${counted(applied.length + reverted.length, 'migration')} ${verdict === 'reverted' ? 'taken back' : verdict} in ${milliseconds} ms`
    : `${paint('red', '✗')} ${name}  ${firstLine}`;
};

export const endLine = (result: EnvironmentResult, paint: Paint): string => {
  const transitions =
    result.stateTransitions === null ? '' : `${counted(result.stateTransitions, 'state transition')}, `;
  return [
    paint(result.status === 'SUCCEEDED' ? 'green' : 'red', result.status),
    `in ${result.seconds.toFixed(1)} s,`,
    `${transitions}${counted(result.dataApiCalls, 'Data API call')}${perDatabase(result)}`,
  ].join(' ');
};

/** ` (3 per database)`: of those that were worked on or, where none was, of those that were looked at. */
const perDatabase = ({ databases }: EnvironmentResult): string => {
  const worked = databases.filter(({ verdict }) => verdict !== null);
  const calls = (worked.length > 0 ? worked : databases).map(({ dataApiCalls }) => dataApiCalls);
  if (calls.length === 0) return '';
  const [least, most] = [Math.min(...calls), Math.max(...calls)];
  return ` (${least === most ? least : `${least} to ${most}`} per database)`;
};
