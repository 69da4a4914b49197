import type { Dice } from './dice.ts';

type Table = { name: string; columns: string[]; indexes: { name: string; on: string }[] };

/** What stands in a made-up database so far. */
export type World = { dice: Dice; tables: Table[]; enums: { name: string; values: number }[]; made: number };

/** SQL of one change, and of what takes it back: null where nothing can. */
export type Change = { up: string; down: string | null };

/** A change by chance, as teams make them. */
export const change = (world: World): Change => world.dice.pick(CHANGES)(world);

export const createTable = (world: World): Change => {
  const name = fresh(world, 'table');
  const columns = Array.from({ length: 1 + world.dice.below(4) }, () => fresh(world, 'c'));
  world.tables.push({ name, columns, indexes: [] });
  const rows = 1 + world.dice.below(30);
  const up = `CREATE TABLE ${name} (id integer PRIMARY KEY, ${columns.map((it) => `${it} integer DEFAULT 1`).join(', ')});
INSERT INTO ${name} (id) SELECT generate_series(1, ${rows});`;
  return { up, down: `DROP TABLE ${name};` };
};

const fresh = (world: World, what: string): string => {
  world.made += 1;
  return `${what}_${world.made}`;
};

const some = (world: World): Table => world.dice.pick(world.tables);

const index = (world: World, how: string): Change => {
  const { name, columns, indexes } = some(world);
  const made = { name: fresh(world, 'index'), on: `${name} (${world.dice.pick(columns)}, id)` };
  indexes.push(made);
  const concurrently = how.includes('CONCURRENTLY') ? 'CONCURRENTLY ' : '';
  return { up: `CREATE ${how} ${made.name} ON ${made.on};`, down: `DROP INDEX ${concurrently}${made.name};` };
};

const dropIndex = (world: World): Change => {
  const gone = some(world).indexes.pop();
  if (!gone) return { up: 'SELECT 1;', down: 'SELECT 2;' };
  const concurrently = world.dice.chance(0.3) ? 'CONCURRENTLY ' : '';
  // Its column may have been renamed since it was made.
  return { up: `DROP INDEX ${concurrently}${gone.name};`, down: null };
};

const addValue = (world: World): Change => {
  if (world.enums.length === 0 || world.dice.chance(0.3)) {
    const made = { name: fresh(world, 'enum'), values: 1 };
    world.enums.push(made);
    return { up: `CREATE TYPE ${made.name} AS ENUM ('v0');`, down: `DROP TYPE ${made.name};` };
  }
  const found = world.dice.pick(world.enums);
  found.values += 1;
  const value = `v${found.values}`;
  const added = `ALTER TYPE ${found.name} ADD VALUE '${value}';`;
  const used = `\nCREATE TABLE ${fresh(world, 'of')} AS SELECT '${value}'::${found.name} AS it;`;
  return { up: world.dice.chance(0.5) ? `${added}${used}` : added, down: null };
};

const named = (world: World, what: string, up: (name: string) => string, down: (name: string) => string): Change => {
  const name = fresh(world, what);
  return { up: up(name), down: down(name) };
};

const CHANGES: ((world: World) => Change)[] = [
  createTable,
  (world) => {
    const { name, columns } = some(world);
    const made = fresh(world, 'c');
    columns.push(made);
    const up = `ALTER TABLE ${name} ADD ${made} integer NOT NULL DEFAULT ${world.dice.below(9)};`;
    return { up, down: `ALTER TABLE ${name} DROP ${made};` };
  },
  (world) => {
    const { name, columns } = some(world);
    const column = world.dice.pick(columns);
    const [more, less] = [1 + world.dice.below(9), 1 + world.dice.below(9)];
    const by = (amount: string) => `UPDATE ${name} SET ${column} = coalesce(${column}, 0) ${amount};`;
    return { up: by(`+ ${more + less}`), down: by(`- ${less}`) };
  },
  (world) => {
    const { name } = some(world);
    const up = `INSERT INTO ${name} (id) SELECT max(id) + g FROM ${name}, generate_series(1, 3) g GROUP BY g;`;
    return { up, down: `DELETE FROM ${name} WHERE id > (SELECT max(id) - 3 FROM ${name});` };
  },
  (world) => index(world, 'INDEX'),
  (world) => index(world, 'UNIQUE INDEX'),
  (world) => index(world, world.dice.chance(0.4) ? 'INDEX CONCURRENTLY' : 'INDEX'),
  (world) => index(world, world.dice.chance(0.4) ? 'UNIQUE INDEX CONCURRENTLY' : 'INDEX'),
  dropIndex,
  addValue,
  (world) => {
    const { name, columns } = some(world);
    const column = world.dice.pick(columns);
    return named(
      world,
      'check',
      (it) => `ALTER TABLE ${name} ADD CONSTRAINT ${it} CHECK (${column} > -1000) NOT VALID;`,
      (it) => `ALTER TABLE ${name} DROP CONSTRAINT ${it};`,
    );
  },
  (world) => {
    const { name, columns } = some(world);
    const column = world.dice.pick(columns);
    return named(
      world,
      'view',
      (it) => `CREATE VIEW ${it} AS SELECT id, ${column} AS it FROM ${name};`,
      (it) => `DROP VIEW ${it};`,
    );
  },
  (world) =>
    named(
      world,
      'function',
      (it) =>
        `CREATE FUNCTION ${it}(a int[]) RETURNS int[] LANGUAGE plpgsql AS $$ DECLARE b int := 1; BEGIN RETURN a[b:2]; END $$;`,
      (it) => `DROP FUNCTION ${it};`,
    ),
  ({ dice }) => ({ up: block(dice.below(99)), down: block(100 + dice.below(99)) }),
  (world) => {
    const { name } = some(world);
    const up = `COMMENT ON TABLE ${name} IS 'It''s :commented, $$ ${world.dice.below(999)}';`;
    return { up, down: `COMMENT ON TABLE ${name} IS NULL;` };
  },
  (world) => {
    const { name } = some(world);
    return { up: world.dice.chance(0.3) ? `VACUUM ${name};` : `ANALYZE ${name};`, down: `ANALYZE ${name};` };
  },
  (world) => {
    const { name, columns } = some(world);
    const renamed = fresh(world, 'c');
    const before = columns.splice(0, 1, renamed)[0];
    const rename = (from: string | undefined, to: string | undefined) => `ALTER TABLE ${name} RENAME ${from} TO ${to};`;
    return { up: rename(before, renamed), down: rename(renamed, before) };
  },
  ({ made }) => {
    const sql = `CREATE TEMP TABLE scratch_${made} AS SELECT 1 AS x; DROP TABLE scratch_${made};`;
    return { up: sql, down: sql };
  },
];

/** Neither order nor number of its runs can go unseen. */
const block = (amount: number): string =>
  `DO $$ BEGIN FOR i IN 1..2 LOOP UPDATE counters SET n = n * 2 % 1000003 + ${amount}; END LOOP; END $$;`;
