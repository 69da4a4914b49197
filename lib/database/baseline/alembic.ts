import * as z from 'zod';
import type { Tool } from './tool.ts';

/** Alembic's `alembic_version`: the revision at the head of a chain that only its Python files know. */
export const alembic: Tool = {
  table: 'alembic_version',
  columns: ['version_num'],
  order: 'version_num',
  read(rows) {
    const entries = z.array(z.object({ version_num: z.string() })).parse(rows);
    const heads = entries.map(({ version_num }) => version_num);
    const problems =
      heads.length > 1 ? [`has several heads, ${heads.join(', ')}: bring them together with \`alembic merge\``] : [];
    return { applied: heads.map((key) => ({ key, alsoBefore: true as const })), problems };
  },
};
