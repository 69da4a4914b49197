import { HELP, type Options, optionsOf } from './options.ts';
import { type Killed, runKills } from './run-kills.ts';

const main = async (): Promise<number> => {
  const options = read();
  if (typeof options === 'number') return options;
  const { complaints, ...figures } = await runKills(options, say);
  for (const complaint of complaints.slice(0, 20)) say(`✗ ${complaint}`);
  if (complaints.length > 20) say(`… and ${complaints.length - 20} more`);
  process.stdout.write(`${options.json ? JSON.stringify(figures) : view(figures)}\n`);
  return complaints.length === 0 && figures.kills === options.kills ? 0 : 1;
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
    say(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
};

const view = ({ databases, kills, applied, doubles, poisoned, named, seconds }: Omit<Killed, 'complaints'>): string =>
  `${databases} databases, killed ${kills} times in ${seconds} s: ${applied} have each migration, ${doubles} effects are there twice,
${named} of ${poisoned} poisoned ones are named.`;

process.exitCode = await main();
