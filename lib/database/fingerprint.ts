/**
 * SQL of a query over (object, definition): one row for each thing in a database's schema that a migration can make,
 * named and described by what it is and never by oid, owner, or order of creation. Lockstep's own schema and what
 * extensions brought along are left out.
 */
export const schemaObjects = `
  SELECT 'schema ' || n.nspname AS object, ${grants('n.nspacl', 'n.nspowner')} AS definition
    FROM namespaces n
  UNION ALL
  SELECT 'extension ' || e.extname, '' FROM pg_extension e
  UNION ALL
  SELECT kind || ' ' || name, concat_ws(' ', c.relpersistence, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
      c.reloptions::text, CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
      (SELECT 'inherits ' || string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid),
      ${grants('c.relacl', 'c.relowner')})
    FROM relations c WHERE c.relkind NOT IN ('i', 'I')
  UNION ALL
  SELECT 'column ' || c.name || '.' || quote_ident(a.attname), concat_ws(' ', format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity, a.attgenerated,
      (SELECT 'default ' || pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
      (SELECT 'collate ' || l.collname FROM pg_collation l, pg_type t WHERE l.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation),
      ${grants('a.attacl', 'c.relowner')})
    FROM relations c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'constraint ' || c.name || '.' || quote_ident(k.conname),
      pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END
    FROM relations c JOIN pg_constraint k ON k.conrelid = c.oid WHERE k.contype NOT IN ('n', 't')
  UNION ALL
  SELECT 'index ' || c.name, pg_get_indexdef(c.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
      || CASE WHEN x.indisreplident THEN ' (replica identity)' ELSE '' END
    FROM relations c JOIN pg_index x ON x.indexrelid = c.oid WHERE c.relkind IN ('i', 'I')
  UNION ALL
  SELECT 'sequence settings ' || c.name, concat_ws(' ', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle)
    FROM relations c JOIN pg_sequence q ON q.seqrelid = c.oid
  UNION ALL
  SELECT 'view definition ' || c.name, pg_get_viewdef(c.oid) FROM relations c WHERE c.relkind IN ('v', 'm')
  UNION ALL
  SELECT 'trigger ' || c.name || '.' || quote_ident(t.tgname), pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
    FROM relations c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 'rule ' || c.name || '.' || quote_ident(r.rulename), pg_get_ruledef(r.oid) || ' ' || r.ev_enabled::text
    FROM relations c JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN'
  UNION ALL
  SELECT 'policy ' || c.name || '.' || quote_ident(p.polname), concat_ws(' ', p.polcmd, p.polpermissive,
      (SELECT string_agg(CASE WHEN o = 0 THEN 'public' ELSE pg_get_userbyid(o) END, ',' ORDER BY 1) FROM unnest(p.polroles) o),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM relations c JOIN pg_policy p ON p.polrelid = c.oid
  UNION ALL
  SELECT 'statistics ' || quote_ident(n.nspname) || '.' || quote_ident(s.stxname), pg_get_statisticsobjdef(s.oid)
    FROM namespaces n JOIN pg_statistic_ext s ON s.stxnamespace = n.oid
  UNION ALL
  SELECT 'function ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')',
      CASE WHEN p.prokind = 'a'
        THEN (SELECT concat_ws(' ', pg_get_function_result(p.oid), a.aggtransfn, a.aggfinalfn, a.aggcombinefn, format_type(a.aggtranstype, NULL), a.agginitval)
                FROM pg_aggregate a WHERE a.aggfnoid = p.oid)
        ELSE pg_get_functiondef(p.oid) END || ${grants('p.proacl', 'p.proowner')}
    FROM namespaces n JOIN pg_proc p ON p.pronamespace = n.oid WHERE ${notOfExtension('pg_proc', 'p.oid')}
  UNION ALL
  SELECT 'type ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname), concat_ws(' ', t.typtype,
      (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
      (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid),
      CASE WHEN t.typtype = 'd' THEN concat_ws(' ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'not null' END, t.typdefault,
        (SELECT string_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END, ',' ORDER BY k.conname)
           FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype <> 'n')) END,
      ${grants('t.typacl', 't.typowner')})
    FROM namespaces n JOIN pg_type t ON t.typnamespace = n.oid
    WHERE t.typtype IN ('e', 'd', 'r') AND ${notOfExtension('pg_type', 't.oid')}
  UNION ALL
  SELECT 'event trigger ' || quote_ident(v.evtname), concat_ws(' ', v.evtevent, v.evtenabled, v.evtfoid::regproc, v.evttags::text)
    FROM pinned, pg_event_trigger v WHERE pinned.path = '' AND ${notOfExtension('pg_event_trigger', 'v.oid')}
  UNION ALL
  SELECT 'default privileges ' || coalesce(quote_ident(n.nspname), '') || ' ' || d.defaclobjtype::text, ${grants('d.defaclacl', 'd.defaclrole')}
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
  UNION ALL
  SELECT 'comment on ' || c.name || coalesce('.' || quote_ident(a.attname), ''), d.description
    FROM relations c JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
  UNION ALL
  SELECT 'comment on function ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')', d.description
    FROM namespaces n JOIN pg_proc p ON p.pronamespace = n.oid JOIN pg_description d ON d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid
    WHERE ${notOfExtension('pg_proc', 'p.oid')}
  UNION ALL
  SELECT 'comment on type ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname), d.description
    FROM namespaces n JOIN pg_type t ON t.typnamespace = n.oid JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid
    WHERE ${notOfExtension('pg_type', 't.oid')}`;

/**
 * The common table expressions that {@link schemaObjects} draws on; goes after `WITH`.
 * All rows come by way of `pinned`, so that the search path is empty before the first definition is written:
 * PostgreSQL writes definitions relative to it.
 */
export const schemaSources = `
  pinned AS MATERIALIZED (SELECT set_config('search_path', '', true) AS path),
  namespaces AS MATERIALIZED (
    SELECT n.* FROM pinned, pg_namespace n
      WHERE pinned.path = '' AND n.nspname NOT IN ('lockstep', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
        AND ${notOfExtension('pg_namespace', 'n.oid')}
  ),
  relations AS MATERIALIZED (
    SELECT c.*, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
        CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'index' END AS kind
      FROM namespaces n JOIN pg_class c ON c.relnamespace = n.oid
      WHERE c.relkind <> 't' AND ${notOfExtension('pg_class', 'c.oid')}
  )`;

/** Grants to others than the owner; the owner's name differs from tenant to tenant and says nothing of the schema. */
function grants(acl: string, owner: string): string {
  return `coalesce((SELECT ' grants ' || string_agg(CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee) END
      || '=' || x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ',' ORDER BY 1)
    FROM (SELECT DISTINCT grantee, privilege_type, is_grantable FROM aclexplode(${acl})) x WHERE x.grantee <> ${owner}), '')`;
}

function notOfExtension(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
}
