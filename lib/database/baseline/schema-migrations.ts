import * as z from 'zod';
import type { Tool } from './tool.ts';

/** The `schema_migrations` of dbmate and of Active Record: a row for each version, the digits that a file's name begins with. */
export const schemaMigrations: Tool = {
  table: 'schema_migrations',
  columns: ['version'],
  foreign: ['dirty'],
  order: 'version',
  read(rows) {
    const entries = z.array(z.object({ version: z.string() })).parse(rows);
    return { applied: entries.map(({ version }) => ({ key: version, number: version })), problems: [] };
  },
};
