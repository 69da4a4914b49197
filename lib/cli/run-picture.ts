import { stripVTControlCharacters } from 'node:util';
import type { painter } from './output.ts';
import { phaseWords } from './phase-words.ts';
import { paceOf, tallies } from './progress-words.ts';
import type { Standing, WaveStanding } from './standing.ts';
import { told } from './told.ts';
import { counted } from './words.ts';

type Paint = ReturnType<typeof painter>;

export type Frame = { turn: number; columns: number; rows: number; paint: Paint };

/**
 * How a run stands, in so many lines as fit: a bar, its waves with their verdicts, and what it is at. Lines are cut to
 * the terminal's width, since what wraps can't be drawn over.
 */
export const picture = (it: Standing & { environment: string }, { turn, columns, rows, paint }: Frame): string => {
  const { environment, phase, waves, done, databases } = it;
  const pace = [...paceOf(it), points(it)].join(', ');
  const shown = around(waves, phase, Math.max(3, Math.min(12, (rows || 24) - 9)));
  const head = `${bar(done, databases, 'cyan', paint)}  ${paint('bold', environment)}`;
  const planned = [
    `${head}  ${number(done)}/${number(databases)} databases`,
    `${' '.repeat(WIDTH)}  ${paint('dim', pace)}`,
    ...shown.map((wave) => waveRow(wave, it, paint)),
  ];
  const lines = [
    ...(databases > 0 ? planned : [head]),
    `${spinner(turn)} ${doing(it)}`,
    ...it.running.slice(0, 3).map(({ cluster, database, note }) => `  … ${cluster}/${database}  ${told(note ?? '')}`),
    ...(it.running.length > 3 ? [`  … and ${it.running.length - 3} more that take their time`] : []),
  ];
  return lines.map((line) => cut(line, columns || 80)).join('\n');
};

const points = ({ restorePoints, clusters }: Standing): string =>
  `${number(restorePoints)}/${number(clusters)} restore points`;

/** The wave that is at work, and as many around it as fit. */
const around = (waves: WaveStanding[], phase: Standing['phase'], most: number): WaveStanding[] => {
  if (waves.length <= most) return waves;
  const begun = waves.findLastIndex((wave) => wave.done > 0 || wave.restorePoints > 0);
  const at = 'wave' in phase && phase.wave !== null ? phase.wave - 1 : Math.max(0, begun);
  const from = Math.min(Math.max(0, at - 2), waves.length - most);
  return waves.slice(from, from + most);
};

const waveRow = (wave: WaveStanding, { phase }: Standing, paint: Paint): string => {
  const isAtWork = 'wave' in phase && phase.phase !== 'parked' && phase.wave === wave.wave;
  const bad = (wave.verdicts.failed ?? 0) + (wave.verdicts['in doubt'] ?? 0);
  const isThrough = wave.done === wave.databases;
  const sign = isAtWork ? paint('cyan', '▸') : bad > 0 ? paint('red', '✗') : isThrough ? paint('green', '✓') : ' ';
  const name = `${String(wave.wave).padStart(2)} ${wave.name.padEnd(10)}`;
  const budget = bad > 0 ? [paint('dim', `${number(wave.budget)} may fail`)] : [];
  const said = [...tallies(wave.verdicts, paint), ...budget].join(', ');
  return `${sign} ${name} ${`${number(wave.done)}/${number(wave.databases)}`.padStart(11)}  ${said}`.trimEnd();
};

const doing = ({ phase, atWork, stopped }: Standing): string => {
  const words = phaseWords(phase);
  // What is held says itself that it stands still.
  const now = stopped && phase.phase !== 'held' ? `${words}, ${told(`${stopped.state} by ${stopped.by}`)}` : words;
  if (atWork === null) return now;
  const { running, pending, concurrency } = atWork;
  return `${now}: ${counted(running, 'cluster')} at work of ${concurrency} at once, ${number(pending)} not begun`;
};

const number = (it: number): string => it.toLocaleString('en');

/** Colours have no width; a line that is cut loses them. */
const cut = (line: string, columns: number): string => {
  const plain = stripVTControlCharacters(line);
  return plain.length > columns ? `${plain.slice(0, columns - 1)}…` : line;
};

export const bar = (done: number, all: number, colour: 'cyan' | 'green' | 'red', paint: Paint): string => {
  const filled = all === 0 ? 0 : Math.round((done / all) * WIDTH);
  return paint(colour, '█'.repeat(filled)) + paint('dim', '░'.repeat(WIDTH - filled));
};

const WIDTH = 24;

export const spinner = (turn: number): string => '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[turn % 10]!;
