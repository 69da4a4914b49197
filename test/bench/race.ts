import type { Contestant } from './contestants.ts';
import type { Ground } from './ground.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { timed } from './process.ts';

export type Race = { ground: Ground; contestants: Contestant[]; folder: string; migrations: number };

/** One contestant's times, in milliseconds, by round. */
export type Times = { contestant: Contestant; width: number; times: number[] };

/**
 * Lets all contestants bring so many fresh databases to the newest migration, in turns, so that what else the machine
 * does strikes all of them. A first round doesn't count: there each one's best width is looked for.
 * @throws Error if a contestant fails, or leaves another schema or other rows than the others
 */
export const race = async (race: Race, databases: number, rounds: number, told: (line: string) => void) => {
  const field: Times[] = [];
  const outcomes = new Set<string>();
  const heat = async (contestant: Contestant, width: number): Promise<number> => {
    const { ground, folder, migrations } = race;
    const places = await ground.databases(databases);
    const time = await timed(contestant.commands(places), width, folder);
    for (const place of places) outcomes.add(key(await outcomeOf(ground, place, contestant, migrations)));
    await ground.drop(places);
    if (outcomes.size > 1) throw new Error(`${contestant.name} leaves another schema or other rows than the others.`);
    return time;
  };

  for (const contestant of race.contestants) {
    const tried: { width: number; time: number }[] = [];
    for (const width of contestant.widths.filter((it) => it <= databases))
      tried.push({ width, time: await heat(contestant, width) });
    const [best] = tried.sort((one, other) => one.time - other.time);
    field.push({ contestant, width: best!.width, times: [] });
    told(`  to warm up  ${contestant.name}: ${tried.map(shown).join(', ')}`);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const turn of field.keys()) {
      const { contestant, width, times } = field[(turn + round) % field.length]!;
      times.push(await heat(contestant, width));
    }
    told(`  round ${round + 1}/${rounds}   ${field.map((it) => Math.round(it.times.at(-1)!)).join(' ')} ms`);
  }
  return field;
};

const key = ({ fingerprint, content }: Outcome): string => `${fingerprint} ${content}`;

const shown = ({ width, time }: { width: number; time: number }): string =>
  `${Math.round(time)} ms${width > 1 ? ` (${width} at once)` : ''}`;
