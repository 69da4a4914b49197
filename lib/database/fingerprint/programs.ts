import { inside, made, name, role, row, schema, sorted, words } from './row.ts';
import { viewText } from './view-text.ts';

/** What runs in the database: views, routines, triggers, rules, and policies. */
export const programs = (): string[] => [
  row({
    object: 'c.object',
    parent: 'c.schema',
    definition: words(
      'v.text',
      `CASE WHEN c.relkind = 'm' THEN concat_ws(' ', 'using ' || nullif(m.amname, 'heap'), 'in tablespace ' || s.spcname) END`,
    ),
    at: { catalog: 'pg_class', oid: 'c.oid' },
    acl: { type: `'r'`, list: 'c.relacl', owner: 'c.relowner' },
    from: `relations c LEFT JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace,
      ${viewText('c.oid')} v WHERE c.relkind IN ('v', 'm')`,
  }),
  row({
    object: `'rule ' || c.name || '.' || quote_ident(r.rulename)`,
    parent: 'c.object',
    definition: words('pg_get_ruledef(r.oid)', 'r.ev_enabled'),
    at: { catalog: 'pg_rewrite', oid: 'r.oid' },
    from: `relations c JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN'`,
  }),
  row({
    object: `'trigger ' || c.name || '.' || quote_ident(t.tgname)`,
    parent: 'c.object',
    definition: words('pg_get_triggerdef(t.oid)', 't.tgenabled'),
    at: { catalog: 'pg_trigger', oid: 't.oid' },
    from: `relations c JOIN pg_trigger t ON t.tgrelid = c.oid LEFT JOIN pg_trigger p ON p.oid = t.tgparentid
      WHERE CASE WHEN t.tgparentid = 0 THEN NOT t.tgisinternal ELSE NOT p.tgisinternal AND t.tgenabled <> p.tgenabled END`,
  }),
  row({
    object: `'policy ' || c.name || '.' || quote_ident(p.polname)`,
    parent: 'c.object',
    definition: words(
      'p.polcmd',
      'p.polpermissive',
      `(SELECT string_agg(${role('o', 'c.relowner')}, ',' ORDER BY ${role('o', 'c.relowner')}) FROM unnest(p.polroles) o)`,
      `'using ' || pg_get_expr(p.polqual, p.polrelid)`,
      `'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)`,
    ),
    at: { catalog: 'pg_policy', oid: 'p.oid' },
    from: 'relations c JOIN pg_policy p ON p.polrelid = c.oid',
  }),
  row({
    object: `CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END || p.oid::regprocedure::text`,
    parent: schema('p.pronamespace'),
    definition: `concat_ws(E'\\n', ${words(...header)}, 'set ' || ${sorted('p.proconfig')}, p.prosrc, p.probin,
      CASE WHEN p.body IS NOT NULL THEN pg_get_functiondef(p.oid) END, CASE WHEN p.prokind = 'a' THEN ${words(...aggregate)} END)`,
    at: { catalog: 'pg_proc', oid: 'p.oid' },
    acl: { type: `'f'`, list: 'p.proacl', owner: 'p.proowner' },
    from: `newer, LATERAL (SELECT ${routine.map((it) => `pr.${it}`).join(', ')}, prosqlbody::text AS body FROM pg_proc pr WHERE ${inside('pr.pronamespace')} AND ${made('pg_proc', 'pr.oid', 'pr.proowner')}) p
      JOIN pg_language l ON l.oid = p.prolang LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid`,
  }),
  row({
    object: `'event trigger ' || quote_ident(v.evtname)`,
    definition: words('v.evtevent', 'v.evtenabled', 'v.evtfoid::regprocedure', sorted('v.evttags')),
    at: { catalog: 'pg_event_trigger', oid: 'v.oid' },
    from: `pinned, pg_event_trigger v WHERE ${made('pg_event_trigger', 'v.oid', 'v.evtowner')}`,
  }),
  row({
    object: `'language ' || quote_ident(l.lanname)`,
    definition: words(
      'l.lanpltrusted',
      ...['lanplcallfoid', 'laninline', 'lanvalidator'].map((it) => name(`l.${it}`, 'regprocedure')),
    ),
    at: { catalog: 'pg_language', oid: 'l.oid' },
    acl: { type: `'l'`, list: 'l.lanacl', owner: 'l.lanowner' },
    from: `pinned, pg_language l WHERE l.oid >= 16384 AND ${made('pg_language', 'l.oid', 'l.lanowner')}`,
  }),
];

const routine = [
  ...['oid', 'pronamespace', 'prokind', 'prolang', 'proowner', 'proacl', 'proconfig', 'prosrc', 'probin'],
  ...['provolatile', 'proparallel', 'proisstrict', 'prosecdef', 'proleakproof', 'procost', 'prorows'],
  ...['prosupport', 'protrftypes'],
];

/** Spelt out, because pg_get_functiondef neither knows aggregates nor writes the same in every version. */
const header = [
  'l.lanname',
  'p.prokind',
  'pg_get_function_arguments(p.oid)',
  `'returns ' || pg_get_function_result(p.oid)`,
  'p.provolatile',
  'p.proparallel',
  `CASE WHEN p.proisstrict THEN 'strict' END`,
  `CASE WHEN p.prosecdef THEN 'security definer' END`,
  `CASE WHEN p.proleakproof THEN 'leakproof' END`,
  `'cost ' || p.procost`,
  `'rows ' || p.prorows`,
  `'support ' || ${name('p.prosupport', 'regprocedure')}`,
  `'transform ' || p.protrftypes::regtype[]::text`,
];

const aggregate = [
  ...[
    'aggtransfn',
    'aggfinalfn',
    'aggcombinefn',
    'aggserialfn',
    'aggdeserialfn',
    'aggmtransfn',
    'aggminvtransfn',
    'aggmfinalfn',
  ].map((it) => `'${it} ' || ${name(`a.${it}`, 'regproc')}`),
  ...[
    'aggkind',
    'aggnumdirectargs',
    'aggfinalextra',
    'aggmfinalextra',
    'aggfinalmodify',
    'aggmfinalmodify',
    'aggtransspace',
    'aggmtransspace',
  ].map((it) => `a.${it}`),
  name('a.aggsortop', 'regoperator'),
  name('a.aggtranstype', 'regtype'),
  name('a.aggmtranstype', 'regtype'),
  `'initially ' || a.agginitval`,
  `'moving initially ' || a.aggminitval`,
];
