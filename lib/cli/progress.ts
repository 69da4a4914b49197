import type { Plan } from '../fleet/plan.ts';
import type { Parked } from '../ledger/parked.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { painter } from './output.ts';
import { time } from './time.ts';
import { told } from './told.ts';
import { counted } from './words.ts';

/** What a run of several environments tells while it goes on. */
export type Happening =
  | { event: 'step'; step: string }
  | { event: 'started'; environment: string; run: string; execution: string }
  | { event: 'planned'; environment: string; plan: Plan }
  | { event: 'database'; environment: string; verdict: Verdict }
  | { event: 'waiting'; environment: string; link: string | null; hint: string }
  | { event: 'parked'; environment: string; parked: Parked }
  | { event: 'decided'; environment: string; how: string }
  | { event: 'ended'; environment: string; result: EnvironmentResult };

export type Progress = (happening: Happening) => void;

/** One line for everything that happens: for logs and CI. */
export const linesOf = (print: (line: string) => void, colours: boolean): Progress => {
  const paint = painter(colours);
  return (it) => {
    if (it.event === 'step') return print(paint('dim', `· ${it.step}`));
    const line = (text: string) => print(`${paint('bold', it.environment)}  ${text}`);
    switch (it.event) {
      case 'started':
        return line(`run ${it.run}`);
      case 'planned':
        return line(summary(it.plan));
      case 'database':
        return line(verdictLine(it.verdict, paint));
      case 'waiting':
        line(paint('yellow', 'waiting for approval'));
        if (it.link !== null) print(`  ${it.link}`);
        return print(`  ${it.hint}`);
      case 'parked':
        return line(paint('yellow', parkedSentence(it.parked)));
      case 'decided':
        return line(it.how);
      case 'ended':
        return line(endLine(it.result, paint));
    }
  };
};

/** `parked until 2027-01-05 01:00:00Z, Tuesday 5 January 2027, 02:00 Europe/Berlin: nothing is changed on a Friday` */
export const parkedSentence = ({ until, shown, reason }: Parked): string =>
  told(`parked until ${time(until)}, ${shown}: ${reason}`);

export const summary = (plan: Plan): string => {
  const behind = plan.databases.filter(({ pending }) => pending.length > 0);
  const idle = plan.revert === null ? 'pending' : 'to take back';
  const left = leftOut(plan);
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
  return `; ${counted(unfit.length, 'cluster')} left out: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

type Paint = ReturnType<typeof painter>;

const verdictLine = (
  { cluster, database, verdict, applied, reverted, milliseconds, failure, note }: Verdict,
  paint: Paint,
): string => {
  const name = `${cluster}/${database}`;
  if (verdict === 'running') return `${paint('cyan', '…')} ${name}  ${note}`;
  if (verdict === 'in doubt') return `${paint('yellow', '?')} ${name}  ${failure?.message.split('\n')[0]}`;
  return failure === null
    ? `${paint('green', '✓')} ${name}  ${counted(applied.length + reverted.length, 'migration')} ${verdict === 'reverted' ? 'taken back' : verdict} in ${milliseconds} ms`
    : `${paint('red', '✗')} ${name}  ${failure.message.split('\n')[0]}`;
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
