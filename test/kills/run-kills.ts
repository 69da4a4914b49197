import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom } from '../../lib/local/faults/faults.ts';
import { count, inspect, overspent, type Standing } from './examine.ts';
import { budgetOf, fleetOf } from './fleet-of.ts';
import { type Death, type Life, live } from './life.ts';
import { onState } from './on-state.ts';
import type { Options } from './options.ts';

export type Killed = {
  databases: number;
  kills: number;
  applied: number;
  doubles: number;
  poisoned: number;
  named: number;
  seconds: number;
  /** What is not as it has to be. */
  complaints: string[];
};

type Told = (line: string) => void;

/** Kills the local runtime so often, and looks what has become of the fleet. */
export const runKills = async (options: Omit<Options, 'json'>, tell: Told): Promise<Killed> => {
  const began = performance.now();
  const state = await mkdtemp(join(tmpdir(), 'lockstep-kills-'));
  const chance = randomFrom(options.seed);
  const names = fleetOf(options.clusters, options.databases / options.clusters).flatMap(({ cluster, databases }) =>
    databases.map((database) => ({ cluster, database })),
  );
  const poisoned = drawn(names, budgetOf(names.length), chance).map(nameOf);
  tell(`seed ${options.seed}: ${poisoned.join(', ')} poisoned`);
  try {
    await onState(state, options, async ({ sql }) => {
      for (const it of names.filter((it) => poisoned.includes(nameOf(it)))) await sql(it, 'CREATE TABLE invoices ()');
    });
    const lives = await killAll({ ...options, state }, chance, tell);
    const last = await live({ ...options, state }, null);
    tell(`the last one ended ${last.result?.status ?? 'without a word'}`);
    const found = await onState(state, options, async (it) => {
      const before = await inspect(it, names);
      const runs = [...lives, last].flatMap(({ run }) => run ?? []);
      const spent = await overspent(it, runs);
      for (const one of names.filter((it) => poisoned.includes(nameOf(it)))) await it.sql(one, 'DROP TABLE invoices');
      const { status, failure } = await it.run();
      tell(`after mending, a run ${status}`);
      const second = status === 'SUCCEEDED' ? [] : [`the run after mending ${status}: ${failure?.cause}`];
      return { before, spent, second, after: await inspect(it, names) };
    });
    const cause = last.result?.failure?.cause ?? '';
    const named = poisoned.filter((name) => cause.includes(`${name}: 0002_create_invoices.sql`));
    return {
      databases: names.length,
      kills: lives.filter(({ killed }) => killed).length,
      applied: found.before.filter(isWhole).length,
      doubles: count(found.after),
      poisoned: poisoned.length,
      named: named.length,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      complaints: [...complaintsOf(found, poisoned), ...found.spent, ...found.second, ...outcome(last)],
    };
  } finally {
    rmSync(state, { recursive: true, force: true, maxRetries: 5 });
  }
};

const nameOf = ({ cluster, database }: { cluster: string; database: string }) => `${cluster}/${database}`;

const drawn = <Item>(from: Item[], many: number, chance: () => number): Item[] => {
  const left = [...from];
  return Array.from({ length: many }, () => left.splice(Math.floor(chance() * left.length), 1)).flat();
};

/** Lives with a death each; one that ends by itself before that doesn't count. */
const killAll = async (options: Omit<Options, 'json'> & { state: string }, chance: () => number, tell: Told) => {
  const lives: Life[] = [];
  let boot = FIRST_BOOT;
  for (let kills = 0; kills < options.kills && lives.length < options.kills * 3 + 5; ) {
    const life = await live(options, deathOf(chance, { boot, kills: options.kills - kills }));
    lives.push(life);
    boot = life.bootMilliseconds ?? boot;
    if (life.killed) kills += 1;
    tell(
      `${life.killed ? `kill ${kills}` : `ended ${life.result?.status ?? life.said.trim().split('\n').at(-1)}`}: ${place(life)}`,
    );
  }
  return lives;
};

const place = ({ run, planned, done }: Life): string => {
  if (run === null) return 'before its run';
  return planned === null ? `run ${run}, before its plan` : `run ${run}, ${done} of ${planned} databases`;
};

const FIRST_BOOT = 5_000;

/** One in six dies before it has begun a run, one before its plan; the others share the databases among them. */
const deathOf = (chance: () => number, { boot, kills }: { boot: number; kills: number }): Death => {
  const kind = chance();
  if (kind < 1 / 6) return { after: 'start', share: 0, milliseconds: Math.floor(chance() * boot) };
  if (kind < 1 / 3) return { after: 'run', share: 0, milliseconds: Math.floor(chance() * 3_000) };
  return { after: 'plan', share: (chance() * 2) / (kills + 1), milliseconds: Math.floor(chance() * 600) };
};

const isWhole = ({ migrations }: Standing) => migrations === ALL;
const ALL = '0001 0002 0003';

const complaintsOf = ({ before, after }: { before: Standing[]; after: Standing[] }, poisoned: string[]): string[] => [
  ...before.flatMap((it) => {
    const wanted = poisoned.includes(nameOf(it)) ? '0001' : ALL;
    return it.migrations === wanted && it.effects === wanted
      ? []
      : [`${nameOf(it)} has ${it.migrations}, by its effects ${it.effects}`];
  }),
  ...after.flatMap((it) =>
    it.migrations === ALL && it.effects === ALL
      ? []
      : [`${nameOf(it)} has ${it.migrations} after mending, by its effects ${it.effects}`],
  ),
];

/** The poisoned ones fail, and no more than that. */
const outcome = ({ result, said }: Life): string[] => {
  if (result === null) return [`the last run has told nothing: ${said}`];
  const { failure } = result;
  return failure?.error === 'MigrationFailed' && !failure.cause.startsWith('Halted')
    ? []
    : [`the last run ended otherwise: ${failure?.error}: ${failure?.cause}`];
};
