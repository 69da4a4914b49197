import { parseArgs } from 'node:util';
import type { Major } from '../../lib/local/postgres/binaries.ts';

export type Options = {
  seed: number;
  json: boolean;
  control: boolean;
  /** Random schedules take half of it, at most. */
  minutes: number;
  majors: Major[];
  histories: string[];
  /** Random schedules on each server. */
  schedules: number;
  /** Generated histories. */
  generated: number;
  /** Only this pass of random schedules: to see a violation again. */
  only: number | null;
};

export const HELP = `Usage: npm run chaos -- [options]

Puts histories of migrations through faults at every boundary and by random schedules, on real PostgreSQL servers
behind the local Data API, and looks whether anything is lost, done twice, or left behind.

  --seed N              of generated histories and random schedules; printed  (default: by the clock)
  --minutes M           at most half of it is for random schedules            (default: 9)
  --schedules N         random schedules on each server                       (default: 1000)
  --generated N         generated histories of 50 migrations                  (default: 40)
  --postgres 15,18      major versions of the servers: 15, 16, 17, 18         (default: 15,18)
  --histories DIR …     further folders of migrations
  --only K              nothing but pass K of the seed's random schedules, on the first server
  --control             the same for an executor without guards: it must be found out
  --json                {migrations, faults, lost, double, invalidIndexes, identical, seconds} on stdout

What is counted:
  migrations        files of the histories, each once however many servers it was put through: those whose every
                    boundary was struck. The histories are generated ones, whose boundaries the servers share among them,
                    and, with every boundary on every server, those in test/chaos/histories, the sample's, and those of
                    --histories
  faults            what struck, not what was planned: a caller dead at a call that it came to, a call that failed because
                    its session was ended, an answer that wasn't what became of the call, a secret changed, an old owner
                    woken. No delays, and not that several callers were at work at once
  lost              missing at the end, in Lockstep's history or by its effect
  double            effects that are there more than once, or were tried again after they had been there
  invalidIndexes    left behind
  identical         whether each run ended in the schema of the same run undisturbed

Exit code: 0 nothing lost, done twice or left behind (with --control: the harness saw that), 1 otherwise, 2 wrong usage.`;

/** @throws Error with a sentence for people */
export const optionsOf = (args: string[]): Options | 'help' => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '9' },
      schedules: { type: 'string', default: '1000' },
      generated: { type: 'string', default: '40' },
      postgres: { type: 'string', default: '15,18' },
      histories: { type: 'string', multiple: true, default: [] },
      only: { type: 'string' },
      control: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (positionals.length > 0 && values.histories.length === 0) throw new Error(`Unexpected ${positionals.join(' ')}.`);
  return {
    seed: values.seed === undefined ? Date.now() % 1_000_000 : whole('seed', values.seed),
    json: values.json,
    control: values.control,
    minutes: whole('minutes', values.minutes),
    schedules: whole('schedules', values.schedules),
    generated: whole('generated', values.generated),
    majors: values.postgres.split(',').map(major),
    histories: [...values.histories, ...positionals],
    only: values.only === undefined ? null : whole('only', values.only),
  };
};

const whole = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
};

const MAJORS: Major[] = [15, 16, 17, 18];

const major = (text: string): Major => {
  const found = MAJORS.find((it) => String(it) === text);
  if (!found) throw new Error(`--postgres takes ${MAJORS.join(', ')}, with commas between them, not "${text}".`);
  return found;
};
