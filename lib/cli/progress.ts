import type { Plan } from '../fleet/plan.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { EnvironmentResult } from './environment-result.ts';
import { painter } from './output.ts';
import { counted } from './words.ts';

/** What a run of several environments tells while it goes on. */
export type Happening =
  | { event: 'step'; step: string }
  | { event: 'started'; environment: string; run: string; execution: string }
  | { event: 'planned'; environment: string; plan: Plan }
  | { event: 'database'; environment: string; verdict: Verdict }
  | { event: 'waiting'; environment: string; link: string; hint: string }
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
        print(`  ${it.link}`);
        return print(`  ${it.hint}`);
      case 'decided':
        return line(it.how);
      case 'ended':
        return line(endLine(it.result, paint));
    }
  };
};

export const summary = (plan: Plan): string => {
  const behind = plan.databases.filter(({ pending }) => pending.length > 0);
  if (behind.length === 0) return `nothing pending in ${counted(plan.databases.length, 'database')}`;
  const waves = new Set(behind.map(({ wave }) => wave)).size;
  return `${counted(plan.migrations.length, 'migration')} for ${counted(behind.length, 'database')} in ${counted(waves, 'wave')}`;
};

type Paint = ReturnType<typeof painter>;

const verdictLine = (
  { cluster, database, verdict, applied, milliseconds, failure, note }: Verdict,
  paint: Paint,
): string => {
  if (verdict === 'running') return `${paint('cyan', '…')} ${cluster}/${database}  ${note}`;
  return failure === null
    ? `${paint('green', '✓')} ${cluster}/${database}  ${counted(applied.length, 'migration')} ${verdict} in ${milliseconds} ms`
    : `${paint('red', '✗')} ${cluster}/${database}  ${failure.message.split('\n')[0]}`;
};

export const endLine = (result: EnvironmentResult, paint: Paint): string =>
  [
    paint(result.status === 'SUCCEEDED' ? 'green' : 'red', result.status),
    `in ${result.seconds.toFixed(1)} s,`,
    `${counted(result.stateTransitions, 'state transition')}, ${counted(result.dataApiCalls, 'Data API call')}`,
  ].join(' ');
