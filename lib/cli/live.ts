import { createLogUpdate } from 'log-update';
import type { Plan } from '../fleet/plan.ts';
import type { Verdict } from '../ledger/runs.ts';
import { painter } from './output.ts';
import { endLine, linesOf, type Progress, summary } from './progress.ts';

type Standing = { environment: string; plan: Plan | null; verdicts: Verdict[]; note: string; asked: boolean };

/** A picture that is redrawn in place: a bar for each environment, and the wave that is under way. For terminals. */
export const liveProgress = (stream: NodeJS.WriteStream): { progress: Progress; close: () => void } => {
  const update = createLogUpdate(stream);
  const paint = painter(true);
  const settled = linesOf((line) => above(line), true);
  let current: Standing | null = null;
  let step = '';
  let turn = 0;

  const draw = () => {
    turn += 1;
    update(current ? picture(current, turn, paint) : step && `${spinner(turn)} ${step}`);
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
      else if (it.event === 'started')
        current = { environment: it.environment, plan: null, verdicts: [], note: 'planning', asked: false };
      else if (it.event === 'planned' && current) current = { ...current, plan: it.plan, note: summary(it.plan) };
      else if (it.event === 'database' && current) {
        const { verdict } = it;
        const same = (other: Verdict) => other.cluster === verdict.cluster && other.database === verdict.database;
        current = { ...current, verdicts: [...current.verdicts.filter((other) => !same(other)), verdict] };
        if (it.verdict.failure) settled(it);
      } else if (it.event === 'ended') {
        current = null;
        step = '';
        above(
          `${bar(1, 1, it.result.status === 'SUCCEEDED' ? 'green' : 'red', paint)}  ${paint('bold', it.environment)}  ${endLine(it.result, paint)}`,
        );
      } else {
        if (it.event === 'waiting' && current) current = { ...current, asked: true };
        if (it.event === 'decided' && current) current = { ...current, asked: false };
        settled(it);
      }
      draw();
    },
    close: () => {
      clearInterval(timer);
      update.clear();
    },
  };
};

const picture = (
  { environment, plan, verdicts, note, asked }: Standing,
  turn: number,
  paint: ReturnType<typeof painter>,
): string => {
  const all = plan?.databases.filter(({ pending }) => pending.length > 0) ?? [];
  const working = verdicts.find(({ verdict }) => verdict === 'running');
  const done = new Set(
    verdicts.filter(({ verdict }) => verdict !== 'running').map(({ cluster, database }) => `${cluster}/${database}`),
  );
  const next = all.find(({ cluster, database }) => !done.has(`${cluster}/${database}`));
  const waves = Math.max(0, ...all.map(({ wave }) => wave ?? 0));
  const lines = [
    `${bar(done.size, all.length, 'cyan', paint)}  ${paint('bold', environment)}  ${done.size}/${all.length} databases  ${paint('dim', note)}`,
  ];
  if (asked) lines.push(`${spinner(turn)} waiting for approval`);
  else if (working) lines.push(`${spinner(turn)} ${working.cluster}/${working.database}  ${working.note}`);
  else if (next) lines.push(`${spinner(turn)} wave ${next.wave}/${waves}  ${next.cluster}`);
  return lines.join('\n');
};

const bar = (
  done: number,
  all: number,
  colour: 'cyan' | 'green' | 'red',
  paint: ReturnType<typeof painter>,
): string => {
  const filled = all === 0 ? 0 : Math.round((done / all) * WIDTH);
  return paint(colour, '█'.repeat(filled)) + paint('dim', '░'.repeat(WIDTH - filled));
};

const WIDTH = 24;

const spinner = (turn: number): string => '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[turn % 10]!;
