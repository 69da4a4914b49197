import { control } from './control.ts';
import { HELP, type Options, optionsOf } from './options.ts';
import { chaos, type Told } from './run.ts';
import { migrationsOf, sound, type Tally, tally } from './tally.ts';

const started = Date.now();

const main = async (): Promise<number> => {
  const options = read();
  if (typeof options === 'number') return options;
  say(`seed ${options.seed}${options.control ? ', without guards' : ''}`);
  const all = tally();
  // Half of the time is for random schedules; the boundaries take what they take.
  const milliseconds = (options.minutes * 30_000) / options.majors.length;
  for (const [at, major] of options.majors.entries()) {
    const told = progress(`PostgreSQL ${major}`, all);
    if (options.control) await control({ ...options, schedules: Math.min(options.schedules, 200) }, major, all, told);
    else await chaos(options, at, milliseconds, all, told);
    told.end();
    if (options.only !== null) break;
  }
  report(options, all);
  return options.control ? (all.double + all.lost > 0 ? 0 : 1) : sound(all) ? 0 : 1;
};

/** Progress is not the result: that alone goes to stdout. */
const say = (line: string) => void process.stderr.write(`${line}\n`);

const read = (): Options | number => {
  try {
    const options = optionsOf(process.argv.slice(2));
    if (options !== 'help') return options;
    process.stdout.write(`${HELP}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}\n`);
    return 2;
  }
};

/** A line for each phase when it is over, and at a terminal a bar meanwhile. */
const progress = (server: string, all: Tally): Told & { end(): void } => {
  const live = process.stderr.isTTY;
  let [name, of, done, began, before, drawn] = ['', 0, 0, 0, 0, 0];
  const end = () => {
    if (name === '') return;
    if (live) process.stderr.write('\r\x1b[K');
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6);
    const faults = String(all.faults - before).padStart(6);
    say(
      `${server}  ${name.padEnd(18)} ${String(done).padStart(5)} ${faults} faults ${seconds} s  ${all.violations.length} violations`,
    );
    name = '';
  };
  return {
    end,
    phase(next, count) {
      end();
      [name, of, done, began, before] = [next, count, 0, Date.now(), all.faults];
    },
    step(by = 1) {
      done += by;
      if (!live || Date.now() - drawn < 100) return;
      drawn = Date.now();
      const filled = Math.min(30, Math.round((30 * done) / Math.max(of, 1)));
      process.stderr.write(
        `\r\x1b[K${server}  ${name.padEnd(18)} ${'█'.repeat(filled)}${'░'.repeat(Math.max(0, 30 - filled))} ${done}/${of}`,
      );
    },
  };
};

const report = ({ json, control, majors }: Options, all: Tally) => {
  const { faults, lost, double, invalidIndexes, identical, runs, schedules, violations } = all;
  const migrations = migrationsOf(all, control ? 1 : majors.length);
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  if (!control) for (const { what, how } of violations.slice(0, 20)) say(`✗ ${what}\n  ${how}`);
  if (!control && violations.length > 20) say(`… and ${violations.length - 20} more`);
  const result = { migrations, faults, lost, double, invalidIndexes, identical, seconds };
  const seen = double + lost > 0 ? 'The harness sees what guards prevent.' : 'The harness is BLIND: it saw nothing.';
  const text = `${migrations} migrations, ${faults} faults, ${runs} runs, ${schedules} random schedules in ${seconds} s
${lost} lost, ${double} double, ${invalidIndexes} invalid indexes, final schemas ${identical ? 'identical' : 'NOT identical'}
${control ? seen : sound(all) ? 'Nothing lost, nothing twice.' : 'VIOLATED'}`;
  process.stdout.write(`${json ? JSON.stringify(result) : text}\n`);
};

// What is left of abandoned calls must not keep it from ending.
process.exit(await main());
