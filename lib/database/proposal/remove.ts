import { COMMENTED } from './make.ts';
import { type Objects, type Thing, thingOf } from './parts.ts';

/** SQL that takes a thing away where it is there, and does nothing where it isn't; null where that has to be written by hand. */
export const remove = (thing: Thing, current: Objects): string[] | null => {
  const { kind, name, of, object } = thing;
  switch (kind) {
    case 'index':
      return [`DROP INDEX CONCURRENTLY IF EXISTS ${name}`];
    case 'column':
      return /^(view|materialized view) /.test(current.get(object)?.parent ?? '')
        ? []
        : [`ALTER TABLE ${of} DROP COLUMN IF EXISTS ${name}`];
    case 'default of column': {
      const column = thingOf(current.get(object)?.parent ?? '', current);
      return [`ALTER TABLE ${column.of} ALTER COLUMN ${column.name} DROP DEFAULT`];
    }
    case 'constraint':
      return [
        current.get(object)?.parent?.startsWith('domain ')
          ? `ALTER DOMAIN ${of} DROP CONSTRAINT IF EXISTS ${name}`
          : `ALTER TABLE ${of} DROP CONSTRAINT IF EXISTS ${name}`,
      ];
    case 'trigger':
    case 'policy':
    case 'rule':
      return [`DROP ${kind.toUpperCase()} IF EXISTS ${name} ON ${of}`];
    case 'row level security of table':
      return [`ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY`, `ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`];
    case 'comment on':
      return COMMENTED.test(name) ? [`COMMENT ON ${name.replace(/^enum /, 'TYPE ')} IS NULL`] : null;
    default:
      return DROPPED[kind] === undefined ? null : [`DROP ${DROPPED[kind]} IF EXISTS ${name}`];
  }
};

const DROPPED: Record<string, string> = {
  ...{ table: 'TABLE', 'partitioned table': 'TABLE', 'foreign table': 'FOREIGN TABLE', view: 'VIEW' },
  ...{ 'materialized view': 'MATERIALIZED VIEW', function: 'FUNCTION', procedure: 'PROCEDURE', sequence: 'SEQUENCE' },
  ...{ statistics: 'STATISTICS', schema: 'SCHEMA', extension: 'EXTENSION', enum: 'TYPE', domain: 'DOMAIN' },
  ...{ 'composite type': 'TYPE', 'range type': 'TYPE', 'event trigger': 'EVENT TRIGGER' },
};

/** What is lost with a thing, and comes back by no SQL. */
export const lost = ({ kind }: Thing): boolean =>
  ['table', 'partitioned table', 'column', 'schema', 'materialized view'].includes(kind);
