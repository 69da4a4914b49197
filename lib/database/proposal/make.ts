import { type Column, columnOf, type Objects, quoted, type Thing, thingOf } from './parts.ts';

/**
 * SQL that makes a thing where it is missing, and does nothing where it is there; null where that has to be written by
 * hand, and none where it comes with what it belongs to, which is not there either.
 */
export const make = (thing: Thing, target: Objects, current: Objects): string[] | null => {
  const { kind, name, of, text, object } = thing;
  const parent = target.get(object)?.parent ?? '';
  if (comesAlong(kind, parent) && !current.has(parent)) return [];
  switch (kind) {
    case 'schema':
      return [`CREATE SCHEMA IF NOT EXISTS ${name}`];
    case 'extension':
      return [`CREATE EXTENSION IF NOT EXISTS ${name}${text.replace(/^in (\S+)$/, ' SCHEMA $1')}`];
    case 'table':
      return text === '' ? table(thing, target) : null;
    case 'column':
      return column(thing, target);
    case 'default of column':
      return [`ALTER TABLE ${tableOf(thing, target)} ALTER COLUMN ${lastOf(thing, target)} SET DEFAULT ${text}`];
    case 'constraint':
      // That of a domain is none of a table's.
      return /^(CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)/.test(text) && isTable(parent) && !text.includes('(triggers ')
        ? [`ALTER TABLE ${of} DROP CONSTRAINT IF EXISTS ${name}`, `ALTER TABLE ${of} ADD CONSTRAINT ${name} ${text}`]
        : null;
    case 'index':
      // The index of a constraint comes with that.
      return text === '' && parent.startsWith('constraint ') ? [] : index(text);
    case 'view':
      return [`CREATE OR REPLACE VIEW ${name} AS\n${text.replace(/;$/, '')}`];
    case 'materialized view':
      return [`CREATE MATERIALIZED VIEW IF NOT EXISTS ${name} AS\n${text.replace(/;[^;]*$/, '')}`];
    case 'function':
    case 'procedure':
      return text.startsWith('CREATE OR REPLACE ') ? [text] : null;
    case 'trigger':
      return / O$/.test(text) ? [`DROP TRIGGER IF EXISTS ${name} ON ${of}`, text.replace(/ O$/, '')] : null;
    case 'row level security of table':
      return [
        ...(text.includes('enabled') ? [`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`] : []),
        ...(text.includes('forced') ? [`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`] : []),
      ];
    case 'comment on':
      return COMMENTED.test(name) ? [`COMMENT ON ${name.replace(/^enum /, 'TYPE ')} IS ${quoted(text)}`] : null;
    default:
      return null;
  }
};

/** Columns are written into the table, defaults and sequences into the column. */
const comesAlong = (kind: string, parent: string): boolean =>
  ['column', 'default of column', 'expression of column'].includes(kind) ||
  (kind === 'sequence' && parent.startsWith('column '));

/** What SQL calls by the names that things have here. */
export const COMMENTED = /^(table|column|index|view|materialized view|sequence|schema|function|procedure|enum) /;

const isTable = (parent: string): boolean => /^(partitioned )?table /.test(parent);

/** The table and the name of the column that a default belongs to. */
const tableOf = ({ object }: Thing, target: Objects): string => columnThing(object, target).of;
const lastOf = ({ object }: Thing, target: Objects): string => columnThing(object, target).name;
const columnThing = (object: string, target: Objects): Thing => thingOf(target.get(object)?.parent ?? '', target);

/** Built without waiting for writers, and with them not waiting for it, wherever PostgreSQL can. */
const index = (text: string): string[] | null => {
  const [, unique = '', rest = ''] = /^CREATE (UNIQUE )?INDEX (.*)$/s.exec(text) ?? [];
  if (rest === '' || / (\((invalid|replica identity|clustered)\)|part of \S+|in tablespace \S+)$/.test(text))
    return null;
  const partitioned = / ON ONLY /.test(rest);
  const how = partitioned ? '' : 'CONCURRENTLY ';
  return [`CREATE ${unique}INDEX ${how}IF NOT EXISTS ${partitioned ? rest.replace(' ON ONLY ', ' ON ') : rest}`];
};

const column = (thing: Thing, target: Objects): string[] | null => {
  const parent = target.get(thing.object)?.parent ?? '';
  // A view's columns are what it selects.
  if (/^(view|materialized view) /.test(parent)) return [];
  const written = columnSql(thing, target);
  return written === null ? null : [`ALTER TABLE ${thing.of} ADD COLUMN IF NOT EXISTS ${thing.name} ${written}`];
};

const SERIAL: Record<string, string> = { integer: 'serial', bigint: 'bigserial', smallint: 'smallserial' };

const columnSql = ({ object, text }: Thing, target: Objects): string | null => {
  const it = columnOf(text);
  if (it === null) return null;
  const rest = object.replace(/^column /, '');
  const usual = target.get(`default of column ${rest}`)?.text ?? null;
  const expression = target.get(`expression of column ${rest}`)?.text ?? null;
  const counter =
    usual !== null && /^nextval\('/.test(usual) && ownsSequence(object, target) ? SERIAL[it.type] : undefined;
  return [
    counter ?? it.type,
    it.collation && `COLLATE ${it.collation}`,
    usual !== null && !counter && `DEFAULT ${usual}`,
    ...grown(it, expression),
    it.notNull && !counter && 'NOT NULL',
  ]
    .filter(Boolean)
    .join(' ');
};

const grown = ({ identity, generated }: Column, expression: string | null): (string | false)[] => [
  identity !== undefined && `GENERATED ${identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`,
  generated !== undefined &&
    expression !== null &&
    `GENERATED ALWAYS AS (${expression}) ${generated === 's' ? 'STORED' : 'VIRTUAL'}`,
];

const ownsSequence = (column: string, target: Objects): boolean =>
  [...target.values()].some(({ object, parent }) => parent === column && object.startsWith('sequence '));

/** In which order its columns were made, nobody knows. */
const table = ({ name, object }: Thing, target: Objects): string[] | null => {
  const columns = [...target.values()]
    .filter((it) => it.parent === object && it.object.startsWith('column '))
    .map((it) => thingOf(it.object, target))
    .map((it) => [it.name, columnSql(it, target)] as const);
  if (columns.some(([, sql]) => sql === null)) return null;
  const lines = columns.map(([column, sql]) => `  ${column} ${sql}`).join(',\n');
  return [`CREATE TABLE IF NOT EXISTS ${name} (${columns.length > 0 ? `\n${lines}\n` : ''})`];
};
