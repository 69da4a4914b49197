import type { SchemaObject } from '../objects.ts';

/** A whole schema, by the names of its things. */
export type Objects = Map<string, SchemaObject>;

/** A thing as it has to be spoken of in SQL. */
export type Thing = {
  /** `index`, `column`, `default of column` … */
  kind: string;
  /** `public.items_name`; of what belongs to a table, that alone: `name`. */
  name: string;
  /** What it belongs to: the table of a column, the column of a default. */
  of: string;
  text: string;
  object: string;
};

/** Splits what a thing is from what it is called; `objects` know what it belongs to. */
export const thingOf = (object: string, objects: Objects): Thing => {
  const kind = KINDS.find((it) => object.startsWith(`${it} `)) ?? '';
  const { parent = null, text } = objects.get(object) ?? {};
  const name = object.slice(kind.length + 1);
  const of = parent === null ? '' : parent.slice((KINDS.find((it) => parent.startsWith(`${it} `)) ?? '').length + 1);
  const own = WITHIN.has(kind) && name.startsWith(`${of}.`) ? name.slice(of.length + 1) : name;
  return { kind, name: own, of, text: text?.trim() ?? '', object };
};

const WITHIN = new Set(['column', 'constraint', 'trigger', 'policy', 'rule']);

/** Longer ones first: a partitioned table is no table of that name. */
const KINDS = [
  ...['default of column', 'expression of column', 'row level security of table', 'partitioned table', 'foreign table'],
  ...['materialized view', 'composite type', 'range type', 'event trigger', 'table', 'column', 'constraint', 'index'],
  ...['view', 'function', 'procedure', 'trigger', 'policy', 'rule', 'sequence', 'statistics', 'schema', 'extension'],
  ...['enum', 'domain', 'comment on', 'grants on'],
];

/** What is written after a column's name, taken apart; null where there is more to it than is known here. */
export const columnOf = (text: string): Column | null => {
  if (/\b(storage|compression|statistics) |=|\(/.test(text.replace(/\([\d, ]+\)/g, ''))) return null;
  const [, type = '', notNull, identity, generated, collation] = COLUMN.exec(text) ?? [];
  return type === '' ? null : { type, notNull: notNull !== undefined, identity, generated, collation };
};

const COLUMN = /^(.+?)( not null)?(?: ([ad]))?(?: ([sv]))?(?: collate (\S+))?$/;

export type Column = {
  type: string;
  notNull: boolean;
  identity: string | undefined;
  generated: string | undefined;
  collation: string | undefined;
};

/** A text as a literal of standard SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
