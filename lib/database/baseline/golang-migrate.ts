import * as z from 'zod';
import type { Tool } from './tool.ts';

/** golang-migrate's `schema_migrations`: one row with the newest version. */
export const golangMigrate: Tool = {
  table: 'schema_migrations',
  columns: ['version', 'dirty'],
  order: 'version',
  read(rows) {
    const entries = z.array(z.object({ version: z.number(), dirty: z.boolean() })).parse(rows);
    const problems = entries
      .filter(({ dirty }) => dirty)
      .map(
        ({ version }) =>
          `version ${version} is dirty: it failed half-way. Put the database in order, say so with \`migrate force\`, and run \`migrate up\``,
      );
    if (entries.length > 1) problems.push('lists several versions where golang-migrate keeps one: is it its table?');
    const applied = entries.map(({ version }) => ({
      key: String(version),
      number: String(version),
      alsoBefore: true as const,
    }));
    return { applied, problems };
  },
};
