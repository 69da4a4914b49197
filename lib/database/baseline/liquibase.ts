import * as z from 'zod';
import type { Listed, Tool } from './tool.ts';

/**
 * Liquibase's `databasechangelog`. Change sets in formatted SQL are found by their file's name; those of other
 * changelogs (XML, YAML, JSON) have no file of SQL, and have to be mapped.
 */
export const liquibase: Tool = {
  table: 'databasechangelog',
  columns: ['id', 'author', 'filename', 'orderexecuted', 'exectype'],
  order: 'orderexecuted, dateexecuted, filename, author, id',
  lock: { table: 'databasechangeloglock', held: 'locked' },
  read(rows) {
    const entries = z.array(Entry).parse(rows);
    const problems = entries
      .filter(({ exectype }) => exectype === 'FAILED')
      .map((it) => `${keyOf(it)} failed: mend it and run \`liquibase update\``);
    // A change set skipped by its precondition has no effect, and runs when the precondition holds.
    const applied = entries.filter(({ exectype }) => exectype !== 'FAILED' && exectype !== 'SKIPPED');
    return { applied: applied.map((it) => ({ key: keyOf(it), file: baseName(it.filename) })), problems };
  },
  /** One file may hold many change sets. */
  verify(listed, content) {
    const ids = new Set(listed.map(changeSet));
    const missing = [...content.toString('utf8').matchAll(CHANGE_SET)]
      .map(([, author = '', id = '']) => `${id}::${author}`)
      .filter((it) => !ids.has(it));
    if (missing.length === 0) return null;
    return `is applied in part: Liquibase does not list its change sets ${missing.join(', ')}. Run \`liquibase update\``;
  },
};

const Entry = z.object({ id: z.string(), author: z.string(), filename: z.string(), exectype: z.string() });

/** As Liquibase writes it in its own messages. */
const keyOf = ({ id, author, filename }: z.infer<typeof Entry>): string => `${filename}::${id}::${author}`;

const changeSet = ({ key }: Listed): string => key.split('::').slice(-2).join('::');

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `--changeset ada:create-users runOnChange:true`; quotes are allowed around names with blanks. */
const CHANGE_SET = /^--\s*changeset\s+"?([^:"\r\n]+?)"?:"?([^"\s]+)"?/gim;
