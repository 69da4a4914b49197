import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dice, dice } from './dice.ts';
import { type History, historyOf } from './history.ts';

/** A history as teams write them, made up by chance: the same for the same seed. */
export const generated = async (seed: number, length: number): Promise<History> => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-chaos-'));
  try {
    const files = generatedFiles(seed, length);
    for (const [at, sql] of files.entries())
      await writeFile(join(folder, `${String(at + 1).padStart(4, '0')}_made.sql`), sql);
    return await historyOf(folder, `generated-${seed}`);
  } finally {
    await rm(folder, { recursive: true });
  }
};

type Table = { name: string; columns: string[]; indexes: string[] };
type World = { dice: Dice; tables: Table[]; enums: { name: string; values: number }[]; made: number };

const generatedFiles = (seed: number, length: number): string[] => {
  const world: World = { dice: dice(seed), tables: [], enums: [], made: 0 };
  return Array.from({ length }, (_, at) => {
    if (at === 0)
      return `CREATE TABLE counters (n bigint NOT NULL);\nINSERT INTO counters VALUES (0);\n${table(world)}`;
    if (world.dice.chance(0.02)) return '-- nothing to do\n';
    const changes = Array.from({ length: 1 + world.dice.below(4) }, () => change(world));
    const sql = [...changes, 'UPDATE counters SET n = n + 1;'].join('\n');
    // Between BEGIN and COMMIT stands only what runs in a transaction.
    return world.dice.chance(0.15) && !/CONCURRENTLY|VACUUM|ADD VALUE/.test(sql)
      ? `BEGIN;\n${sql}\nCOMMIT;\n`
      : `${sql}\n`;
  });
};

const change = (world: World): string => world.dice.pick(CHANGES)(world);

const fresh = (world: World, what: string): string => {
  world.made += 1;
  return `${what}_${world.made}`;
};

const table = (world: World): string => {
  const name = fresh(world, 'table');
  const columns = Array.from({ length: 1 + world.dice.below(4) }, () => fresh(world, 'c'));
  world.tables.push({ name, columns, indexes: [] });
  const rows = 1 + world.dice.below(30);
  return `CREATE TABLE ${name} (id integer PRIMARY KEY, ${columns.map((it) => `${it} integer DEFAULT 1`).join(', ')});
INSERT INTO ${name} (id) SELECT generate_series(1, ${rows});`;
};

const some = (world: World): Table => world.dice.pick(world.tables);

const index = (world: World, how: string): string => {
  const { name, columns, indexes } = some(world);
  const made = fresh(world, 'index');
  indexes.push(made);
  return `CREATE ${how} ${made} ON ${name} (${world.dice.pick(columns)}, id);`;
};

const dropIndex = (world: World): string => {
  const { indexes } = some(world);
  const gone = indexes.pop();
  return gone ? `DROP INDEX ${world.dice.chance(0.3) ? 'CONCURRENTLY ' : ''}${gone};` : 'SELECT 1;';
};

const addValue = (world: World): string => {
  if (world.enums.length === 0 || world.dice.chance(0.3)) {
    const made = { name: fresh(world, 'enum'), values: 1 };
    world.enums.push(made);
    return `CREATE TYPE ${made.name} AS ENUM ('v0');`;
  }
  const found = world.dice.pick(world.enums);
  found.values += 1;
  const value = `v${found.values}`;
  const added = `ALTER TYPE ${found.name} ADD VALUE '${value}';`;
  return world.dice.chance(0.5)
    ? `${added}\nCREATE TABLE ${fresh(world, 'of')} AS SELECT '${value}'::${found.name} AS it;`
    : added;
};

const CHANGES: ((world: World) => string)[] = [
  table,
  (world) => {
    const { name, columns } = some(world);
    const made = fresh(world, 'c');
    columns.push(made);
    return `ALTER TABLE ${name} ADD ${made} integer NOT NULL DEFAULT ${world.dice.below(9)};`;
  },
  (world) => {
    const { name, columns } = some(world);
    const column = world.dice.pick(columns);
    return `UPDATE ${name} SET ${column} = coalesce(${column}, 0) + ${1 + world.dice.below(9)};`;
  },
  (world) => {
    const { name } = some(world);
    return `INSERT INTO ${name} (id) SELECT max(id) + g FROM ${name}, generate_series(1, 3) g GROUP BY g;`;
  },
  (world) => index(world, 'INDEX'),
  (world) => index(world, 'UNIQUE INDEX'),
  (world) => (world.dice.chance(0.4) ? index(world, 'INDEX CONCURRENTLY') : index(world, 'INDEX')),
  (world) => (world.dice.chance(0.4) ? index(world, 'UNIQUE INDEX CONCURRENTLY') : index(world, 'INDEX')),
  dropIndex,
  addValue,
  (world) => {
    const { name, columns } = some(world);
    return `ALTER TABLE ${name} ADD CONSTRAINT ${fresh(world, 'check')} CHECK (${world.dice.pick(columns)} > -1) NOT VALID;`;
  },
  (world) => {
    const { name, columns } = some(world);
    return `CREATE VIEW ${fresh(world, 'view')} AS SELECT id, ${world.dice.pick(columns)} AS it FROM ${name};`;
  },
  (world) =>
    `CREATE FUNCTION ${fresh(world, 'function')}(a int[]) RETURNS int[] LANGUAGE plpgsql AS $$ DECLARE b int := 1; BEGIN RETURN a[b:2]; END $$;`,
  (world) =>
    `DO $$ BEGIN FOR i IN 1..2 LOOP UPDATE counters SET n = n * 2 % 1000003 + ${world.dice.below(99)}; END LOOP; END $$;`,
  (world) => `COMMENT ON TABLE ${some(world).name} IS 'It''s :commented, $$ ${world.dice.below(999)}';`,
  (world) => (world.dice.chance(0.3) ? `VACUUM ${some(world).name};` : `ANALYZE ${some(world).name};`),
  (world) => {
    const { name, columns } = some(world);
    const renamed = fresh(world, 'c');
    return `ALTER TABLE ${name} RENAME ${columns.splice(0, 1, renamed)[0]} TO ${renamed};`;
  },
  (world) => `CREATE TEMP TABLE scratch_${world.made} AS SELECT 1 AS x; DROP TABLE scratch_${world.made};`,
];
