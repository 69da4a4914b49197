import { control } from './control.ts';
import { HELP, type Options, optionsOf } from './options.ts';
import { chaos, type Told } from './run.ts';
import { sound, type Tally, tally } from './tally.ts';

const started = Date.now();

const main = async (): Promise<number> => {
  const options = read();
  if (typeof options === 'number') return options;
  const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  say(`seed ${options.seed}${options.control ? ', without guards' : ''}`);
  const all = tally();
  const until = started + options.minutes * 60_000;
  for (const [at, major] of options.majors.entries()) {
    const told = progress(say, `PostgreSQL ${major}`, all);
    // Each server has its share of the time.
    const share = started + ((until - started) / options.majors.length) * (at + 1);
    if (options.control) await control({ ...options, schedules: Math.min(options.schedules, 200) }, major, all, told);
    else await chaos(options, major, share, all, told);
    told.end();
    if (options.only !== null) break;
  }
  report(options, all, say);
  return options.control ? (all.double + all.lost > 0 ? 0 : 1) : sound(all) ? 0 : 1;
};

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
const progress = (say: (line: string) => void, server: string, all: Tally): Told & { end(): void } => {
  const live = process.stderr.isTTY;
  let [name, of, done, began, before] = ['', 0, 0, 0, 0];
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
    step() {
      done += 1;
      if (!live || done % 10 > 0) return;
      const filled = Math.round((30 * done) / Math.max(of, 1));
      process.stderr.write(
        `\r\x1b[K${server}  ${name.padEnd(18)} ${'█'.repeat(filled)}${'░'.repeat(Math.max(0, 30 - filled))} ${done}/${of}`,
      );
    },
  };
};

const report = ({ json, control }: Options, all: Tally, say: (line: string) => void) => {
  const { migrations, faults, lost, double, invalidIndexes, identical, runs, violations } = all;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  if (!control) for (const { what, how } of violations.slice(0, 20)) say(`✗ ${what}\n  ${how}`);
  if (!control && violations.length > 20) say(`… and ${violations.length - 20} more`);
  say(`${migrations} migrations, ${faults} faults, ${runs} runs in ${seconds} s`);
  say(
    `${lost} lost, ${double} double, ${invalidIndexes} invalid indexes, final schemas ${identical ? 'identical' : 'NOT identical'}`,
  );
  if (control)
    say(double + lost > 0 ? 'The harness sees what guards prevent.' : 'The harness is BLIND: it saw nothing.');
  else say(sound(all) ? 'Nothing lost, nothing twice.' : 'VIOLATED');
  const result = { migrations, faults, lost, double, invalidIndexes, identical, seconds };
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
};

// What is left of abandoned calls must not keep it from ending.
process.exit(await main());
