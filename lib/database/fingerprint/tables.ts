import { inside, made, name, options, qualified, row, sorted, words } from './row.ts';
import { kind, ownedByColumn } from './sources.ts';

/** Tables of all kinds, and what belongs to them alone. */
export const tables = (): string[] => [
  row({
    object: 'c.object',
    parent: 'c.schema',
    definition: words(
      `nullif(CASE WHEN c.relkind <> 'S' THEN c.relpersistence END, 'p')`,
      `'using ' || nullif(m.amname, 'heap')`,
      `'of ' || ${name('c.reloftype', 'regtype')}`,
      `'in tablespace ' || s.spcname`,
      `CASE WHEN c.relkind = 'p' THEN 'by ' || pg_get_partkeydef(c.oid) END`,
      `CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END`,
      `'inherits ' || ${parents}`,
      `'from ' || fs.srvname`,
      options('f.ftoptions'),
    ),
    at: { catalog: 'pg_class', oid: 'c.oid' },
    acl: { type: `CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END`, list: 'c.relacl', owner: 'c.relowner' },
    from: `relations c LEFT JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
      LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_foreign_server fs ON fs.oid = f.ftserver
      WHERE c.relkind IN ('r', 'p', 'f')`,
  }),
  row({
    object: `CASE c.relkind WHEN 'v' THEN 'options of ' ELSE 'storage parameters of ' END || c.object`,
    parent: 'c.object',
    definition: words(sorted('c.reloptions'), `'toast ' || ${sorted('t.reloptions')}`),
    from: `relations c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
      WHERE c.relkind NOT IN ('i', 'I') AND (c.reloptions IS NOT NULL OR t.reloptions IS NOT NULL)`,
  }),
  row({
    object: `'row level security of ' || c.object`,
    parent: 'c.object',
    definition: words(
      `CASE WHEN c.relrowsecurity THEN 'enabled' END`,
      `CASE WHEN c.relforcerowsecurity THEN 'forced' END`,
    ),
    from: 'relations c WHERE c.relrowsecurity OR c.relforcerowsecurity',
  }),
  row({
    object: `'replica identity of ' || c.object`,
    parent: 'c.object',
    definition: 'c.relreplident::text',
    from: `relations c WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'd'`,
  }),
  row({
    object: 'c.object',
    parent: `coalesce('column ' || d.refobjid::regclass::text || '.' || quote_ident(a.attname), c.schema)`,
    definition: words(
      'format_type(q.seqtypid, NULL)',
      ...['seqstart', 'seqincrement', 'seqmin', 'seqmax', 'seqcache', 'seqcycle'].map((it) => `q.${it}`),
      `'of ' || d.refobjid::regclass::text || '.' || quote_ident(a.attname)`,
    ),
    at: { catalog: 'pg_class', oid: 'c.oid' },
    acl: { type: `'s'`, list: 'c.relacl', owner: 'c.relowner' },
    from: `relations c JOIN pg_sequence q ON q.seqrelid = c.oid
      LEFT JOIN pg_depend d ON d.objid = c.oid AND d.objsubid = 0 AND ${ownedByColumn}
      LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE c.relkind = 'S'`,
  }),
  row({
    object: `'index ' || c.name`,
    parent: `CASE WHEN k.oid IS NULL THEN ${kind('t.relkind')} || ' ' ELSE 'constraint ' END || t.oid::regclass::text || coalesce('.' || quote_ident(k.conname), '')`,
    definition: words(
      // The definition of a constraint tells all of its index; and asking for an index's takes longest of all.
      `CASE WHEN k.oid IS NULL THEN pg_get_indexdef(c.oid) END`,
      `CASE WHEN NOT x.indisvalid THEN '(invalid)' END`,
      `CASE WHEN x.indisreplident THEN '(replica identity)' END`,
      `CASE WHEN x.indisclustered THEN '(clustered)' END`,
      `'in tablespace ' || s.spcname`,
      `CASE WHEN c.relispartition THEN 'part of ' || ${parents} END`,
    ),
    at: { catalog: 'pg_class', oid: 'c.oid' },
    from: `relations c JOIN pg_index x ON x.indexrelid = c.oid JOIN pg_class t ON t.oid = x.indrelid
      LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x') LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.relkind IN ('i', 'I')`,
  }),
  row({
    object: `'statistics ' || ${qualified('s.stxnamespace', 's.stxname')}`,
    parent: `${kind('c.relkind')} || ' ' || c.oid::regclass::text`,
    definition: words('pg_get_statisticsobjdef(s.oid)', 'nullif(s.stxstattarget, -1)'),
    at: { catalog: 'pg_statistic_ext', oid: 's.oid' },
    from: `pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid WHERE ${inside('s.stxnamespace')} AND ${made('pg_statistic_ext', 's.oid', 's.stxowner')}`,
  }),
];

/** Old inheritance as well as partitioning. */
const parents = `(SELECT string_agg(i.inhparent::regclass::text || CASE WHEN i.pending THEN ' (detach pending)' ELSE '' END, ', ' ORDER BY i.inhseqno)
  FROM newer, LATERAL (SELECT inhparent, inhseqno, inhdetachpending::text = 'true' AS pending FROM pg_inherits WHERE inhrelid = c.oid) i)`;

/**
 * Columns and constraints. Not the order of a table's columns: that is the order in which they were made.
 * An identity is left out of partitions, which have their parent's only since PostgreSQL 17; NOT NULL is a column's
 * property and not, as since PostgreSQL 18, a constraint with a name.
 */
export const columns = (): string[] => [
  row({
    object: `'column ' || c.name || '.' || quote_ident(a.attname)`,
    parent: 'c.object',
    definition: words(
      'format_type(a.atttypid, a.atttypmod)',
      `CASE WHEN a.attnotnull THEN 'not null' END`,
      `CASE WHEN a.attnotnull AND (a.attrelid, a.attnum) IN (SELECT k.conrelid, k.conkey[1] FROM pg_constraint k WHERE k.contype = 'n' AND NOT k.convalidated) THEN '(not validated)' END`,
      `CASE WHEN NOT c.relispartition THEN nullif(a.attidentity, '') END`,
      `nullif(a.attgenerated, '')`,
      `CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation::text END`,
      `CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END`,
      `'compression ' || nullif(a.compression, '')`,
      `'statistics ' || nullif(a.attstattarget, -1)`,
      sorted('a.attoptions'),
      options('a.attfdwoptions'),
    ),
    at: { catalog: 'pg_class', oid: 'c.oid', column: 'a.attnum' },
    acl: { type: `'c'`, list: 'a.attacl', owner: 'c.relowner' },
    from: `newer, relations c, LATERAL (SELECT ${attributes.map((it) => `at.${it}`).join(', ')}, attcompression::text AS compression FROM pg_attribute at WHERE at.attrelid = c.oid AND at.attnum > 0 AND NOT at.attisdropped) a
      JOIN pg_type t ON t.oid = a.atttypid
      WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')`,
  }),
  row({
    object: `CASE a.attgenerated WHEN '' THEN 'default of column ' ELSE 'expression of column ' END || c.name || '.' || quote_ident(a.attname)`,
    parent: `'column ' || c.name || '.' || quote_ident(a.attname)`,
    definition: 'pg_get_expr(d.adbin, d.adrelid)',
    from: 'relations c JOIN pg_attrdef d ON d.adrelid = c.oid JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum',
  }),
  row({
    object: `'constraint ' || c.name || '.' || quote_ident(k.conname)`,
    parent: 'c.object',
    definition: words('pg_get_constraintdef(k.oid)', `'(triggers ' || ${unusualTriggers} || ')'`),
    at: { catalog: 'pg_constraint', oid: 'k.oid' },
    from: `relations c JOIN pg_constraint k ON k.conrelid = c.oid
      WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT (k.contype = 'f' AND k.conparentid <> 0)`,
  }),
];

const attributes = [
  ...['attrelid', 'attnum', 'attname', 'atttypid', 'atttypmod', 'attnotnull', 'attidentity', 'attgenerated'],
  ...['attcollation', 'attstorage', 'attstattarget', 'attoptions', 'attfdwoptions', 'attacl'],
];

/** A foreign key is checked by triggers of the system's, and these can be switched off. */
const unusualTriggers = `CASE WHEN k.contype <> 'c' THEN (SELECT string_agg(DISTINCT t.tgenabled::text, '') FROM pg_trigger t
  WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled <> 'O') END`;
