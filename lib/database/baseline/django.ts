import * as z from 'zod';
import type { Tool } from './tool.ts';

/** Django's `django_migrations`: names that are numbered within each app, so that they have to be mapped. */
export const django: Tool = {
  table: 'django_migrations',
  columns: ['id', 'app', 'name'],
  order: 'id',
  read(rows) {
    const entries = z.array(z.object({ app: z.string(), name: z.string() })).parse(rows);
    return { applied: entries.map(({ app, name }) => ({ key: `${app}.${name}` })), problems: [] };
  },
};
