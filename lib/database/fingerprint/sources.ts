import { catalog, inside, made } from './row.ts';

/**
 * Common table expressions that all others draw on. `members` are parts of extensions, and the routines and casts that
 * come by themselves with range types (more of them since PostgreSQL 14).
 *
 * `pinned` sets, for this statement alone, all that PostgreSQL lets influence how it writes definitions: every row
 * comes by way of it. `newer` has the columns that some catalogs lack in older versions: below a `LATERAL`, an
 * unqualified name means the catalog's column where there is one, and this null otherwise. That keeps the statement one
 * text for all versions.
 */
export const sources = (): string => `
  pinned AS MATERIALIZED (
    SELECT concat(${pinned.map(([name, value]) => `set_config('${name}', '${value}', true)`).join(', ')}) AS settings,
      CASE WHEN current_user <> 'rdsadmin' THEN coalesce(to_regrole('rdsadmin')::oid, 0) ELSE 0 END AS vendor,
      current_setting('server_version_num')::integer AS version,
      (SELECT datdba FROM pg_database WHERE datname = current_database()) AS datdba
  ),
  newer AS (SELECT ${newer.map((column) => `NULL::text AS ${column}`).join(', ')}),
  members AS MATERIALIZED (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e' OR deptype = 'i' AND classid IN (${catalog('pg_proc')}, ${catalog('pg_cast')})
  ),
  strange AS MATERIALIZED (
    SELECT n.oid FROM pinned, pg_namespace n
      WHERE pinned.settings <> '' AND (n.nspname IN ('lockstep', 'information_schema') OR n.nspname LIKE 'pg\\_%'
        OR n.nspname <> 'public' AND NOT (${made('pg_namespace', 'n.oid', 'n.nspowner')}))
  ),
  relations AS MATERIALIZED (
    SELECT ${relationColumns.map((it) => `c.${it}`).join(', ')}, 'schema ' || n.schema AS schema, q.name, ${kind('c.relkind')} || ' ' || q.name AS object
      FROM pg_class c, LATERAL (SELECT c.relnamespace::regnamespace::text AS schema OFFSET 0) n,
        LATERAL (SELECT n.schema || '.' || quote_ident(c.relname) AS name OFFSET 0) q
      WHERE c.relkind NOT IN ('t', 'c') AND ${inside('c.relnamespace')} AND ${made('pg_class', 'c.oid', 'c.relowner')}
  )`;

export const kind = (relkind: string): string =>
  `CASE ${relkind} WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
    WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'index' END`;

/** Whether the row `d` of pg_depend says that a sequence belongs to a column. */
export const ownedByColumn = `d.classid = ${catalog('pg_class')} AND d.refclassid = ${catalog('pg_class')} AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')`;

/** Only what is asked for: the name of each column is copied for each use of the expression when the query is planned. */
const relationColumns = [
  ...['oid', 'relname', 'relkind', 'relowner', 'relacl', 'relam', 'reltablespace', 'reloptions', 'reltoastrelid'],
  ...['relpersistence', 'reloftype', 'relispartition', 'relpartbound', 'relreplident'],
  ...['relrowsecurity', 'relforcerowsecurity'],
];

const pinned = [
  ['search_path', ''],
  ['quote_all_identifiers', 'off'],
  ['datestyle', 'ISO, MDY'],
  ['intervalstyle', 'postgres'],
  ['timezone', 'UTC'],
  ['extra_float_digits', '1'],
  ['bytea_output', 'hex'],
] as const;

const newer = [
  ...['attcompression', 'inhdetachpending', 'prosqlbody'], // 14
  ...['colliculocale', 'prqual', 'prattrs'], // 15
  'collicurules', // 16
  'colllocale', // 17
  ...['conenforced', 'pubgencols'], // 18
];
