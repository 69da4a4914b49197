import { inside, made, name, options, role, row, schema, words } from './row.ts';

/** Schemas, extensions, and what connects a database with others. Options that look like secrets count by name only. */
export const outside = (): string[] => [
  row({
    object: schema('n.oid'),
    definition: `''`,
    at: { catalog: 'pg_namespace', oid: 'n.oid' },
    acl: { type: `'n'`, list: 'n.nspacl', owner: 'n.nspowner' },
    from: `pg_namespace n WHERE ${inside('n.oid')}`,
  }),
  // Not the version, which follows the server's.
  row({
    object: `'extension ' || quote_ident(e.extname)`,
    definition: `'in ' || e.extnamespace::regnamespace`,
    from: 'pinned, pg_extension e',
  }),
  row({
    object: `'foreign data wrapper ' || quote_ident(w.fdwname)`,
    definition: words(
      name('w.fdwhandler', 'regprocedure'),
      name('w.fdwvalidator', 'regprocedure'),
      options('w.fdwoptions'),
    ),
    at: { catalog: 'pg_foreign_data_wrapper', oid: 'w.oid' },
    acl: { type: `'F'`, list: 'w.fdwacl', owner: 'w.fdwowner' },
    from: `pinned, pg_foreign_data_wrapper w WHERE ${made('pg_foreign_data_wrapper', 'w.oid', 'w.fdwowner')}`,
  }),
  row({
    object: `'server ' || quote_ident(s.srvname)`,
    definition: words('w.fdwname', 's.srvtype', 's.srvversion', options('s.srvoptions')),
    at: { catalog: 'pg_foreign_server', oid: 's.oid' },
    acl: { type: `'S'`, list: 's.srvacl', owner: 's.srvowner' },
    from: `pinned, pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE ${made('pg_foreign_server', 's.oid', 's.srvowner')}`,
  }),
  // Their options are the user's name and password there, and not everybody may read them.
  row({
    object: `'user mapping for ' || ${role('u.umuser', 's.srvowner')} || ' on server ' || quote_ident(s.srvname)`,
    parent: `'server ' || quote_ident(s.srvname)`,
    definition: `''`,
    from: `pinned, pg_user_mappings u JOIN pg_foreign_server s ON s.oid = u.srvid WHERE ${made('pg_foreign_server', 's.oid', 's.srvowner')}`,
  }),
  row({
    object: `'publication ' || quote_ident(p.pubname)`,
    definition: words(
      ...['puballtables', 'pubinsert', 'pubupdate', 'pubdelete', 'pubtruncate', 'pubviaroot'].map((it) => `p.${it}`),
      `nullif(p.generated, 'n')`,
      // A catalog that came with PostgreSQL 15 can only be named in a text.
      `CASE WHEN to_regclass('pg_catalog.pg_publication_namespace') IS NOT NULL THEN nullif(query_to_xml(
        'SELECT n.nspname FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid = s.pnnspid WHERE s.pnpubid = ' || p.oid || ' ORDER BY n.nspname', false, true, '')::text, '') END`,
    ),
    at: { catalog: 'pg_publication', oid: 'p.oid' },
    from: `pinned, newer, LATERAL (SELECT pu.*, pubgencols::text AS generated FROM pg_publication pu) p WHERE ${made('pg_publication', 'p.oid', 'p.pubowner')}`,
  }),
  row({
    object: `c.object || ' of publication ' || quote_ident(p.pubname)`,
    parent: `'publication ' || quote_ident(p.pubname)`,
    definition: words(
      `(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.columns::int2vector))`,
      `'where ' || pg_get_expr(r.condition::pg_node_tree, c.oid)`,
    ),
    from: `newer, relations c, LATERAL (SELECT pr.prpubid, prattrs AS columns, prqual AS condition FROM pg_publication_rel pr WHERE pr.prrelid = c.oid) r
      JOIN pg_publication p ON p.oid = r.prpubid`,
  }),
];
