import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Change, change, createTable, type World } from './changes.ts';
import { type Dice, dice } from './dice.ts';
import { type History, historyOf } from './history.ts';

/** A history as teams write them, made up by chance: the same for the same seed. */
export const generated = async (seed: number, length: number): Promise<History> => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-chaos-'));
  try {
    for (const [at, { up, down }] of files(dice(seed), length).entries()) {
      const name = join(folder, `${String(at + 1).padStart(4, '0')}_made`);
      await writeFile(`${name}.up.sql`, up);
      if (down !== null) await writeFile(`${name}.down.sql`, down);
    }
    return { ...(await historyOf(folder, `generated-${seed}`)), generated: true };
  } finally {
    await rm(folder, { recursive: true });
  }
};

const files = (dice: Dice, length: number): Change[] => {
  const world: World = { dice, tables: [], enums: [], made: 0 };
  return Array.from({ length }, (_, at) => {
    if (at === 0) return { up: `${CANARIES}\n${createTable(world).up}\n`, down: null };
    if (dice.chance(0.02)) return { up: '-- nothing to do\n', down: null };
    const changes = Array.from({ length: dice.pick([1, 1, 2, 3]) }, () => change(world));
    const back = changes.map(({ down }) => down).reverse();
    return {
      up: written(dice, `${at + 1} up`, changes.map(({ up }) => up).join('\n')),
      // Not everybody writes them.
      down: back.includes(null) || dice.chance(0.2) ? null : written(dice, `${at + 1} down`, back.join('\n')),
    };
  });
};

/** `executed` tells of each file how often it came to its end, and of some how often they were begun. */
const CANARIES = `CREATE TABLE counters (n bigint NOT NULL);
INSERT INTO counters VALUES (0);
CREATE TABLE executed (what text NOT NULL);`;

const written = (dice: Dice, what: string, changes: string): string => {
  // A file of a single statement that can't run in a transaction stays what it is: the commonest of its kind.
  if (/^[^;]*(CONCURRENTLY|VACUUM)[^;]*;$/.test(changes) && dice.chance(0.5)) return `${changes}\n`;
  const begun = dice.chance(0.3) ? `INSERT INTO executed VALUES ('${what} begun');\n` : '';
  const sql = `${begun}${changes}\nINSERT INTO executed VALUES ('${what} done');\n`;
  // Between BEGIN and COMMIT stands only what runs in a transaction; a temporary table lives in one.
  if (dice.chance(0.15) && !/CONCURRENTLY|VACUUM|ADD VALUE/.test(sql)) return `BEGIN;\n${sql}COMMIT;\n`;
  return dice.chance(0.1) && !/TEMP/.test(sql) ? `-- lockstep: stepwise\n${sql}` : sql;
};
