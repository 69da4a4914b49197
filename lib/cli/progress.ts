import type { Plan } from '../fleet/plan.ts';
import type { Control } from '../ledger/control.ts';
import type { Parked } from '../ledger/parked.ts';
import type { RestorePoint } from '../ledger/restore-points.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { EnvironmentResult } from './environment-result.ts';
import type { AtWork } from './execution.ts';
import type { HeldNow } from './follow-run.ts';
import { painter } from './output.ts';
import { phaseWords } from './phase-words.ts';
import {
  controlLine,
  endLine,
  heldLine,
  type Paint,
  paceLine,
  parkedSentence,
  summary,
  throttledLine,
  verdictLine,
  waveLine,
} from './progress-words.ts';
import type { Phase } from './run-phase.ts';
import { type Standing, standing } from './standing.ts';

/** What a run of several environments tells while it goes on. */
export type Happening =
  | { event: 'step'; step: string }
  | { event: 'started'; environment: string; run: string; execution: string }
  | { event: 'planned'; environment: string; plan: Plan }
  | { event: 'phase'; environment: string; phase: Phase }
  | { event: 'control'; environment: string; control: Control }
  | { event: 'restorePoint'; environment: string; restorePoint: RestorePoint }
  | { event: 'database'; environment: string; verdict: Verdict }
  | { event: 'looked'; environment: string; at: Date; atWork: AtWork | null }
  | {
      event: 'waiting';
      environment: string;
      for?: 'approval' | 'hold';
      link: string | null;
      hint: string;
      held?: HeldNow | null;
    }
  | { event: 'arriving'; environment: string; missing: string[] }
  | { event: 'parked'; environment: string; parked: Parked }
  | { event: 'decided'; environment: string; how: string }
  | { event: 'ended'; environment: string; result: EnvironmentResult };

export type Progress = (happening: Happening) => void;

/**
 * One line for everything that happens: for logs and CI. Of many databases only those that are not well get a line of
 * their own; how far the others are is told now and then.
 */
export const linesOf = (print: (line: string) => void, colours: boolean): Progress => {
  const paint = painter(colours);
  let tell = linesOfRun(print, paint);
  return (it) => {
    if (it.event === 'step') return print(paint('dim', `· ${it.step}`));
    if (it.event === 'started') tell = linesOfRun(print, paint);
    tell(it);
  };
};

const linesOfRun = (print: (line: string) => void, paint: Paint) => {
  const seen = standing();
  const wavesToCome = wavesNotTold();
  const concurrencyNow = concurrencyNotTold();
  let told = { at: 0, text: '' };
  return (it: Exclude<Happening, { event: 'step' }>) => {
    seen.take(it);
    const now = seen.now();
    const many = now.databases > MANY;
    const line = (text: string) => print(`${paint('bold', it.environment)}  ${text}`);
    const lines = (texts: string[]) => {
      for (const text of texts) line(paint('dim', text));
    };
    const howFar = (at: Date) => {
      const text = paceLine(now, paint);
      if (text !== told.text) line(text);
      told = { at: at.getTime(), text };
    };
    switch (it.event) {
      case 'started':
        return line(`run ${it.run}`);
      case 'planned':
        return line(summary(it.plan));
      case 'phase': {
        const { phase } = it;
        if (phase.phase === 'wave') return lines(wavesToCome(now, phase.wave));
        if (many && STANDS_STILL.has(phase.phase)) howFar(new Date());
        return phase.phase === 'baking' || phase.phase === 'checking' ? lines([phaseWords(phase)]) : undefined;
      }
      case 'control':
        return line(paint('yellow', controlLine(it.control)));
      case 'database':
        lines(wavesToCome(now, seen.waveOf(it.verdict)));
        return many && it.verdict.failure === null ? undefined : line(verdictLine(it.verdict, paint));
      case 'looked':
        lines(concurrencyNow(now));
        return many && now.phase.phase === 'wave' && it.at.getTime() - told.at >= NOW_AND_THEN
          ? howFar(it.at)
          : undefined;
      case 'waiting':
        line(paint('yellow', it.held ? heldLine(it.held) : it.for === 'hold' ? 'held' : 'waiting for approval'));
        if (it.link !== null) print(`  ${it.link}`);
        return print(`  ${it.hint}`);
      case 'arriving':
        return line(paint('yellow', phaseWords({ phase: 'arriving', missing: it.missing })));
      case 'parked':
        return line(paint('yellow', parkedSentence(it.parked)));
      case 'decided':
        return line(it.how);
      case 'ended':
        if (many) howFar(new Date());
        return line(endLine(it.result, paint));
    }
  };
};

/** A line for each wave up to one, once; a rollout that has but one needs none. */
const wavesNotTold = () => {
  let told = 0;
  return ({ waves }: Standing, upTo: number | null): string[] => {
    if (waves.length < 2 || upTo === null || upTo <= told) return [];
    const come = waves.slice(told, upTo);
    told = upTo;
    return come.map((wave) => waveLine(wave, waves.length));
  };
};

/** A line where the wave at work has not as many clusters in hand at once any more as was told last. */
const concurrencyNotTold = () => {
  let told: { wave: number; concurrency: number } | null = null;
  return ({ waves, phase, atWork }: Standing): string[] => {
    const wave = phase.phase === 'wave' ? waves.find((it) => it.wave === phase.wave) : undefined;
    if (!wave || !atWork) return [];
    const { concurrency: before } = told?.wave === wave.wave ? told : wave;
    told = { wave: wave.wave, concurrency: atWork.concurrency };
    return before === atWork.concurrency ? [] : [throttledLine(wave.wave, before, atWork.concurrency)];
  };
};

const STANDS_STILL: ReadonlySet<Phase['phase']> = new Set(['held', 'baking', 'parked']);

/** More lines than anybody reads. */
const MANY = 100;

/** Milliseconds. */
const NOW_AND_THEN = 30_000;
