import { createLogUpdate } from 'log-update';
import { painter } from './output.ts';
import { type Happening, linesOf, type Progress } from './progress.ts';
import { endLine } from './progress-words.ts';
import { bar, picture, spinner } from './run-picture.ts';
import { type Standing, standing } from './standing.ts';

/** A picture that is redrawn in place: a bar for each environment, and its waves. For terminals. */
export const liveProgress = (stream: NodeJS.WriteStream): { progress: Progress; close: () => void } => {
  const update = createLogUpdate(stream);
  const paint = painter(true);
  const settled = linesOf((line) => above(line), true);
  let seen = standing();
  let now: Standing = seen.now();
  let environment: string | null = null;
  let step = '';
  let turn = 0;

  const draw = () => {
    turn += 1;
    const { columns, rows } = stream;
    if (environment !== null) update(picture({ environment, ...now }, { turn, columns, rows, paint }));
    else update(step && `${spinner(turn)} ${step}`);
  };
  const above = (line: string) => {
    update.clear();
    stream.write(`${line}\n`);
    draw();
  };
  const timer = setInterval(draw, 120);

  return {
    progress: (it) => {
      if (it.event === 'step') step = it.step;
      else if (it.event === 'started') {
        seen = standing();
        environment = it.environment;
      }
      seen.take(it);
      now = seen.now();
      if (it.event === 'ended') {
        environment = null;
        step = '';
        const colour = it.result.status === 'SUCCEEDED' ? 'green' : 'red';
        above(`${bar(1, 1, colour, paint)}  ${paint('bold', it.environment)}  ${endLine(it.result, paint)}`);
      } else if (TOLD_AT_ONCE.has(it.event)) settled(it);
      // Whoever comes late sees all that has failed so far, and then what fails.
      else if (it.event === 'database' && it.verdict.failure) settled(it);
    },
    close: () => {
      clearInterval(timer);
      update.clear();
    },
  };
};

const TOLD_AT_ONCE: ReadonlySet<Happening['event']> = new Set(['waiting', 'arriving', 'parked', 'decided', 'control']);
