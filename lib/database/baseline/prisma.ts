import * as z from 'zod';
import { sha256 } from '../../migrations/digest.ts';
import { fileStem } from './file-stem.ts';
import type { Tool } from './tool.ts';

/** Prisma Migrate's `_prisma_migrations`: folders with a `migration.sql` each, and every attempt to apply them. */
export const prisma: Tool = {
  table: '_prisma_migrations',
  columns: ['migration_name', 'checksum', 'finished_at', 'rolled_back_at'],
  order: 'started_at, id',
  read(rows) {
    const entries = z.array(Entry).parse(rows);
    const attempts = entries.filter(({ rolled_back_at }) => rolled_back_at === null);
    const problems = attempts
      .filter(({ finished_at }) => finished_at === null)
      .map((it) => `${it.migration_name} failed: put it in order with \`prisma migrate resolve\``);
    const applied = attempts.filter(({ finished_at }) => finished_at !== null);
    return {
      applied: applied.map((it) => ({
        key: it.migration_name,
        ...fileStem(it.migration_name),
        checksum: it.checksum,
      })),
      problems,
    };
  },
  /** SHA-256 of `migration.sql`, hex; `prisma migrate resolve --applied` writes it as well. */
  verify([entry], content) {
    if (!/^[0-9a-f]{64}$/.test(String(entry?.checksum)) || entry?.checksum === sha256(content)) return null;
    return 'is not byte for byte the migration.sql that Prisma applied: take that file, or map it by hand';
  },
};

const Entry = z.object({
  migration_name: z.string(),
  checksum: z.string(),
  finished_at: z.string().nullable(),
  rolled_back_at: z.string().nullable(),
});
