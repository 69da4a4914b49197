import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Listed, Tool } from './tool.ts';

/** Flyway's `flyway_schema_history`, as its Community edition writes it since version 4. */
export const flyway: Tool = {
  table: 'flyway_schema_history',
  columns: ['installed_rank', 'version', 'description', 'type', 'script', 'checksum', 'success'],
  order: 'installed_rank',
  read(rows) {
    const entries = z.array(Entry).parse(rows);
    const problems = entries
      .filter(({ success }) => !success)
      .map(({ script }) => `${script} failed: mend it and run \`flyway repair\`, then \`flyway migrate\``);
    const baseline = entries.findLast(({ type }) => type === 'BASELINE');
    const latest = new Map<string, Entry>();
    for (const entry of entries) {
      if (!SCHEMA.has(entry.type) && entry.success) latest.set(entry.version ?? entry.script, entry);
    }
    const applied = [...latest.values()].filter(({ type }) => !GONE.test(type)).map(listed);
    return { applied, problems, ...(baseline?.version && { floor: baseline.version }) };
  },
  verify([entry], content) {
    if (typeof entry?.checksum !== 'number' || entry.checksum === checksum(content)) return null;
    return 'was edited since Flyway applied it (`flyway validate` says so, too): restore it, or run `flyway repair`';
  },
};

const Entry = z.object({
  version: z.string().nullable(),
  description: z.string(),
  type: z.string(),
  script: z.string(),
  checksum: z.number().nullable(),
  success: z.boolean(),
});

type Entry = z.infer<typeof Entry>;

/** Rows that no file of SQL stands for. */
const SCHEMA = new Set(['SCHEMA', 'BASELINE']);

/** What takes a version back: `UNDO_SQL`, `UNDO_JDBC` …, or `DELETE` after the repair of a history without the file. */
const GONE = /^UNDO_|^DELETE$/;

/** Scripts may lie in folders. Repeatable ones have no number; they are found by their file's name only. */
const listed = ({ version, description, script, checksum }: Entry): Listed => ({
  key: script,
  file: script.slice(script.lastIndexOf('/') + 1),
  ...(version !== null && { number: version, name: description }),
  checksum,
});

/** CRC-32 over the lines without their ends and without a byte order mark, as a signed 32-bit number. */
const checksum = (content: Buffer): number => {
  const text = content.toString('utf8').replace(/^\uFEFF/, '');
  return crc32(Buffer.from(text.replaceAll(/\r\n|\r|\n/g, ''))) | 0;
};
