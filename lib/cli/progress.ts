import type { Plan } from '../fleet/plan.ts';
import type { RestorePoint } from '../ledger/restore-points.ts';
import type { Verdict } from '../ledger/runs.ts';
import type { EnvironmentResult } from './environment-result.ts';
import type { AtWork } from './execution.ts';
import type { HeldNow } from './follow-run.ts';
import { painter } from './output.ts';
import { endLine, heldLine, paceLine, summary, verdictLine, waveLine } from './progress-words.ts';
import type { Phase } from './run-phase.ts';
import { standing } from './standing.ts';

/** What a run of several environments tells while it goes on. */
export type Happening =
  | { event: 'step'; step: string }
  | { event: 'started'; environment: string; run: string; execution: string }
  | { event: 'planned'; environment: string; plan: Plan }
  | { event: 'phase'; environment: string; phase: Phase }
  | { event: 'restorePoint'; environment: string; restorePoint: RestorePoint }
  | { event: 'database'; environment: string; verdict: Verdict }
  | { event: 'looked'; environment: string; at: Date; atWork: AtWork | null }
  | { event: 'waiting'; environment: string; link: string | null; hint: string; held?: HeldNow | null }
  | { event: 'decided'; environment: string; how: string }
  | { event: 'ended'; environment: string; result: EnvironmentResult };

export type Progress = (happening: Happening) => void;

/**
 * One line for everything that happens: for logs and CI. Of many databases only those that are not well get a line of
 * their own; how far the others are is told now and then.
 */
export const linesOf = (print: (line: string) => void, colours: boolean): Progress => {
  const paint = painter(colours);
  let seen = standing();
  let announced = 0;
  let told = { at: 0, text: '' };
  return (it) => {
    if (it.event === 'step') return print(paint('dim', `· ${it.step}`));
    if (it.event === 'started') {
      seen = standing();
      announced = 0;
      told = { at: 0, text: '' };
    }
    seen.take(it);
    const line = (text: string) => print(`${paint('bold', it.environment)}  ${text}`);
    const now = seen.now();
    const many = now.databases > MANY;
    const howFar = (at: Date) => {
      const text = paceLine(now, paint);
      if (text !== told.text) line(text);
      told = { at: at.getTime(), text };
    };
    /** Waves that have come, up to this one. */
    const announce = (upTo: number | null) => {
      const { length } = now.waves;
      for (; length > 1 && upTo !== null && announced < upTo; announced += 1)
        line(paint('dim', waveLine(now.waves[announced]!, length)));
    };
    switch (it.event) {
      case 'started':
        return line(`run ${it.run}`);
      case 'planned':
        return line(summary(it.plan));
      case 'phase': {
        const { phase } = it;
        if (phase.phase === 'wave') return announce(phase.wave);
        if (many && (phase.phase === 'held' || phase.phase === 'baking')) howFar(new Date());
        return phase.phase === 'baking' || phase.phase === 'checking' ? line(paint('dim', heldLine(phase))) : undefined;
      }
      case 'database':
        announce(seen.waveOf(it.verdict));
        return many && it.verdict.failure === null ? undefined : line(verdictLine(it.verdict, paint));
      case 'looked':
        return many && now.phase.phase === 'wave' && it.at.getTime() - told.at >= NOW_AND_THEN
          ? howFar(it.at)
          : undefined;
      case 'waiting':
        line(paint('yellow', it.held ? heldLine(it.held) : 'waiting for approval'));
        if (it.link !== null) print(`  ${it.link}`);
        return print(`  ${it.hint}`);
      case 'decided':
        return line(it.how);
      case 'ended':
        if (many) howFar(new Date());
        return line(endLine(it.result, paint));
    }
  };
};

/** More lines than anybody reads. */
const MANY = 100;

/** Milliseconds. */
const NOW_AND_THEN = 30_000;
