import * as z from 'zod';
import { fileStem } from './file-stem.ts';
import type { Tool } from './tool.ts';

/** node-pg-migrate's `pgmigrations`: the names of the files, without what tells their language. */
export const nodePgMigrate: Tool = {
  table: 'pgmigrations',
  columns: ['id', 'name'],
  order: 'run_on, id',
  read(rows) {
    const entries = z.array(z.object({ name: z.string() })).parse(rows);
    return { applied: entries.map(({ name }) => ({ key: name, ...fileStem(name) })), problems: [] };
  },
};
