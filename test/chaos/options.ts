import { parseArgs } from 'node:util';
import type { Major } from '../../lib/local/postgres/binaries.ts';

export type Options = {
  seed: number;
  json: boolean;
  control: boolean;
  /** Random schedules go on until then, at most. */
  minutes: number;
  majors: Major[];
  histories: string[];
  /** Random schedules on each server. */
  schedules: number;
  /** Generated histories on each server. */
  generated: number;
  /** Only this random schedule: to see a violation again. */
  only: number | null;
};

export const HELP = `Usage: npm run chaos -- [options]

Puts histories of migrations through faults at every boundary and by random schedules, on real PostgreSQL servers
behind the local Data API, and looks whether anything is lost, done twice, or left behind.

  --seed N              of generated histories and random schedules; printed  (default: by the clock)
  --minutes M           begin no more random schedules after M minutes        (default: 9)
  --schedules N         random schedules on each server                       (default: 1000)
  --generated N         generated histories of 50 migrations on each server   (default: 20)
  --postgres 15,18      major versions of the servers: 15, 16, 17, 18         (default: 15,18)
  --histories DIR …     further folders of migrations
  --only K              nothing but random schedule K of the seed, on the first server
  --control             the same for an executor without guards: it must be found out
  --json                one object on stdout, progress on stderr

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
      generated: { type: 'string', default: '20' },
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
