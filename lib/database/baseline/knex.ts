import * as z from 'zod';
import { fileStem } from './file-stem.ts';
import type { Tool } from './tool.ts';

/** Knex's `knex_migrations`: the names of its JavaScript files, whose SQL now stands in files of the same name. */
export const knex: Tool = {
  table: 'knex_migrations',
  columns: ['id', 'name', 'batch'],
  order: 'id',
  lock: { table: 'knex_migrations_lock', held: 'is_locked = 1' },
  read(rows) {
    const entries = z.array(z.object({ name: z.string() })).parse(rows);
    return { applied: entries.map(({ name }) => ({ key: name, ...fileStem(name) })), problems: [] };
  },
};
