import { parseArgs } from 'node:util';

export type Options = { databases: number; clusters: number; kills: number; seed: number; json: boolean };

export const HELP = `Usage: npm run kills -- [options]

Brings a fleet of databases on real PostgreSQL servers up to date while the local runtime is killed (-9) again and again,
and each time started anew on the same --state. Executions are gone with the runtime, where in AWS they would go on: a new
run takes their lease over and does what is left. One database in a hundred is poisoned: a migration fails there until it is
mended.

  --databases N  of the fleet                             (default: 200)
  --clusters N   among which they are shared evenly       (default: 20)
  --kills N      at random                                (default: 20)
  --seed N       of what is poisoned and when it is killed; printed  (default: by the clock)
  --json         { databases, kills, applied, doubles, poisoned, named, seconds } on stdout

  kills     that struck: as the runtime starts, as its run plans, or amid its waves
  applied   databases that have every migration by the end of the last of these runs; the poisoned ones have not
  doubles   effects that are there more than once
  named     poisoned databases that the report of that run names

Exit code: 0 all healthy databases have each migration once, all poisoned ones are named, no wave had more failures than
its budget, and a run after mending has finished what was left; 1 otherwise; 2 wrong usage.`;

/** @throws Error with a sentence for people */
export const optionsOf = (args: string[]): Options | 'help' => {
  const { values } = parseArgs({
    args,
    options: {
      databases: { type: 'string', default: '200' },
      clusters: { type: 'string', default: '20' },
      kills: { type: 'string', default: '20' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const options = {
    databases: whole('databases', values.databases),
    clusters: whole('clusters', values.clusters),
    kills: whole('kills', values.kills),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : whole('seed', values.seed),
    json: values.json,
  };
  if (options.clusters === 0 || options.clusters > 40)
    throw new Error('--clusters takes 1 to 40: more an account may not have.');
  if (options.databases === 0 || options.databases % options.clusters !== 0)
    throw new Error('--databases takes a number that --clusters divides.');
  return options;
};

const whole = (name: string, text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
};
