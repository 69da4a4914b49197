import { inside, made, name, qualified, row, schema, words } from './row.ts';

/** Types, and what gives them meaning. */
export const dataTypes = (): string[] => [
  row({
    object: `${kind} || ${qualified('t.typnamespace', 't.typname')}`,
    parent: schema('t.typnamespace'),
    definition: `CASE t.typtype WHEN 'e' THEN e.labels WHEN 'd' THEN ${words(...domain)} WHEN 'r' THEN ${words(...range)} WHEN 'b' THEN ${words(...base)} END`,
    at: { catalog: 'pg_type', oid: 't.oid' },
    acl: { type: `'T'`, list: 't.typacl', owner: 't.typowner' },
    from: `pg_type t LEFT JOIN pg_type b ON b.oid = t.typbasetype LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_opclass o ON o.oid = r.rngsubopc
      LEFT JOIN (SELECT enumtypid, string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) AS labels FROM pg_enum GROUP BY enumtypid) e ON e.enumtypid = t.oid
      WHERE ${own} AND t.typisdefined AND t.typtype IN ('e', 'd', 'r', 'c', 'b') AND t.typcategory <> 'A' AND (t.typrelid = 0 OR t.typrelid IN (SELECT c.oid FROM pg_class c WHERE c.relkind = 'c'))`,
  }),
  row({
    object: `'constraint ' || ${qualified('t.typnamespace', 't.typname')} || '.' || quote_ident(k.conname)`,
    parent: `'domain ' || ${qualified('t.typnamespace', 't.typname')}`,
    definition: 'pg_get_constraintdef(k.oid)',
    at: { catalog: 'pg_constraint', oid: 'k.oid' },
    from: `pg_constraint k JOIN pg_type t ON t.oid = k.contypid WHERE ${own} AND k.contype = 'c'`,
  }),
  row({
    object: `'attribute ' || ${qualified('t.typnamespace', 't.typname')} || '.' || quote_ident(a.attname)`,
    parent: `'composite type ' || ${qualified('t.typnamespace', 't.typname')}`,
    definition: words(
      'row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum)',
      'format_type(a.atttypid, a.atttypmod)',
      `CASE WHEN a.attcollation <> b.typcollation THEN 'collate ' || a.attcollation::regcollation::text END`,
    ),
    at: { catalog: 'pg_class', oid: 'c.oid', column: 'a.attnum' },
    from: `pg_class c JOIN pg_type t ON t.oid = c.reltype JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped JOIN pg_type b ON b.oid = a.atttypid
      WHERE ${own} AND c.relkind = 'c'`,
  }),
  row({
    object: `'collation ' || ${qualified('l.collnamespace', 'l.collname')}`,
    parent: schema('l.collnamespace'),
    definition: words(
      'l.collprovider',
      `CASE WHEN NOT l.collisdeterministic THEN 'nondeterministic' END`,
      // ICU's language tags were taken as they were spelt until PostgreSQL 16.
      `CASE l.collprovider WHEN 'c' THEN l.locale ELSE replace(l.locale, '_', '-') END`,
      `CASE l.collprovider WHEN 'c' THEN l.collctype::text END`,
      'l.rules',
    ),
    at: { catalog: 'pg_collation', oid: 'l.oid' },
    from: `newer, LATERAL (SELECT co.*, coalesce(colllocale::text, colliculocale::text, collcollate::text) AS locale, collicurules::text AS rules
      FROM pg_collation co WHERE ${inside('co.collnamespace')} AND ${made('pg_collation', 'co.oid', 'co.collowner')}) l`,
  }),
  row({
    object: `'operator ' || o.oid::regoperator::text`,
    parent: schema('o.oprnamespace'),
    definition: words(
      ...['oprcode', 'oprrest', 'oprjoin'].map((it) => `'${it} ' || ${name(`o.${it}`, 'regproc')}`),
      'o.oprresult::regtype',
      ...['oprcom', 'oprnegate'].map((it) => `'${it} ' || ${name(`o.${it}`, 'regoperator')}`),
      ...['o.oprcanmerge', 'o.oprcanhash'],
    ),
    at: { catalog: 'pg_operator', oid: 'o.oid' },
    from: `pg_operator o WHERE ${inside('o.oprnamespace')} AND ${made('pg_operator', 'o.oid', 'o.oprowner')}`,
  }),
  row({
    object: `'operator class ' || ${qualified('o.opcnamespace', 'o.opcname')} || ' for ' || m.amname`,
    parent: schema('o.opcnamespace'),
    definition: words(
      'f.opfnamespace::regnamespace',
      'f.opfname',
      'o.opcintype::regtype',
      'o.opcdefault',
      name('o.opckeytype', 'regtype'),
    ),
    at: { catalog: 'pg_opclass', oid: 'o.oid' },
    from: `pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod JOIN pg_opfamily f ON f.oid = o.opcfamily
      WHERE ${inside('o.opcnamespace')} AND ${made('pg_opclass', 'o.oid', 'o.opcowner')}`,
  }),
  row({
    object: `'operator family ' || ${qualified('f.opfnamespace', 'f.opfname')} || ' for ' || m.amname`,
    parent: schema('f.opfnamespace'),
    definition: words('o.operators', 'p.functions'),
    at: { catalog: 'pg_opfamily', oid: 'f.oid' },
    from: `pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod
      LEFT JOIN (SELECT amopfamily, string_agg(amopstrategy || ' ' || amopopr::regoperator || amoppurpose::text, ', ' ORDER BY amopstrategy, amopopr::regoperator::text COLLATE "C") AS operators
        FROM pinned, pg_amop WHERE amopfamily >= 16384 GROUP BY amopfamily) o ON o.amopfamily = f.oid
      LEFT JOIN (SELECT amprocfamily, string_agg(amprocnum || ' ' || amproc::regprocedure, ', ' ORDER BY amprocnum, amproc::regprocedure::text COLLATE "C") AS functions
        FROM pinned, pg_amproc WHERE amprocfamily >= 16384 GROUP BY amprocfamily) p ON p.amprocfamily = f.oid
      WHERE ${inside('f.opfnamespace')} AND ${made('pg_opfamily', 'f.oid', 'f.opfowner')}`,
  }),
  row({
    object: `'cast from ' || c.castsource::regtype || ' to ' || c.casttarget::regtype`,
    definition: words(name('c.castfunc', 'regprocedure'), 'c.castcontext', 'c.castmethod'),
    at: { catalog: 'pg_cast', oid: 'c.oid' },
    from: `pinned, pg_cast c WHERE c.oid >= 16384 AND ${made('pg_cast', 'c.oid')}`,
  }),
  row({
    object: `'conversion ' || ${qualified('c.connamespace', 'c.conname')}`,
    parent: schema('c.connamespace'),
    definition: words(
      'pg_encoding_to_char(c.conforencoding)',
      'pg_encoding_to_char(c.contoencoding)',
      'c.conproc::regprocedure',
      'c.condefault',
    ),
    at: { catalog: 'pg_conversion', oid: 'c.oid' },
    from: `pg_conversion c WHERE ${inside('c.connamespace')} AND ${made('pg_conversion', 'c.oid', 'c.conowner')}`,
  }),
];

const own = `${inside('t.typnamespace')} AND ${made('pg_type', 't.oid', 't.typowner')}`;

const kind = `CASE t.typtype WHEN 'e' THEN 'enum ' WHEN 'd' THEN 'domain ' WHEN 'r' THEN 'range type ' WHEN 'c' THEN 'composite type ' ELSE 'base type ' END`;

const domain = [
  'format_type(t.typbasetype, t.typtypmod)',
  `CASE WHEN t.typnotnull THEN 'not null' END`,
  // Not typdefault, which was written when the search path was another.
  `'default ' || pg_get_expr(t.typdefaultbin, 0)`,
  `CASE WHEN t.typcollation <> b.typcollation THEN 'collate ' || t.typcollation::regcollation::text END`,
];

const range = [
  'format_type(r.rngsubtype, NULL)',
  'o.opcnamespace::regnamespace',
  'o.opcname',
  `'collate ' || ${name('r.rngcollation', 'regcollation')}`,
  `'canonical ' || ${name('r.rngcanonical', 'regproc')}`,
  `'difference ' || ${name('r.rngsubdiff', 'regproc')}`,
];

const base = [
  ...['typlen', 'typbyval', 'typalign', 'typstorage', 'typcategory', 'typispreferred', 'typdelim', 'typdefault'].map(
    (it) => `t.${it}`,
  ),
  name('t.typelem', 'regtype'),
  ...['typinput', 'typoutput', 'typreceive', 'typsend', 'typmodin', 'typmodout', 'typanalyze'].map(
    (it) => `'${it} ' || ${name(`t.${it}`, 'regproc')}`,
  ),
];
