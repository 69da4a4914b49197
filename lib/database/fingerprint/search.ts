import { inside, made, name, qualified, row, schema, words } from './row.ts';

/** Text search. */
export const search = (): string[] => [
  row({
    object: `'text search configuration ' || ${qualified('c.cfgnamespace', 'c.cfgname')}`,
    parent: schema('c.cfgnamespace'),
    definition: words('p.prsnamespace::regnamespace', 'p.prsname', 'm.mappings'),
    at: { catalog: 'pg_ts_config', oid: 'c.oid' },
    from: `pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser
      LEFT JOIN (SELECT mapcfg, string_agg(maptokentype || ' ' || mapdict::regdictionary, ', ' ORDER BY maptokentype, mapseqno) AS mappings
        FROM pinned, pg_ts_config_map WHERE mapcfg >= 16384 GROUP BY mapcfg) m ON m.mapcfg = c.oid
      WHERE ${inside('c.cfgnamespace')} AND ${made('pg_ts_config', 'c.oid', 'c.cfgowner')}`,
  }),
  row({
    object: `'text search dictionary ' || ${qualified('d.dictnamespace', 'd.dictname')}`,
    parent: schema('d.dictnamespace'),
    definition: words('t.tmplnamespace::regnamespace', 't.tmplname', 'd.dictinitoption'),
    at: { catalog: 'pg_ts_dict', oid: 'd.oid' },
    from: `pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate
      WHERE ${inside('d.dictnamespace')} AND ${made('pg_ts_dict', 'd.oid', 'd.dictowner')}`,
  }),
  row({
    object: `'text search template ' || ${qualified('t.tmplnamespace', 't.tmplname')}`,
    parent: schema('t.tmplnamespace'),
    definition: words(name('t.tmplinit', 'regproc'), name('t.tmpllexize', 'regproc')),
    at: { catalog: 'pg_ts_template', oid: 't.oid' },
    from: `pg_ts_template t WHERE ${inside('t.tmplnamespace')} AND ${made('pg_ts_template', 't.oid')}`,
  }),
  row({
    object: `'text search parser ' || ${qualified('p.prsnamespace', 'p.prsname')}`,
    parent: schema('p.prsnamespace'),
    definition: words(
      ...['prsstart', 'prstoken', 'prsend', 'prsheadline', 'prslextype'].map(
        (it) => `'${it} ' || ${name(`p.${it}`, 'regproc')}`,
      ),
    ),
    at: { catalog: 'pg_ts_parser', oid: 'p.oid' },
    from: `pg_ts_parser p WHERE ${inside('p.prsnamespace')} AND ${made('pg_ts_parser', 'p.oid')}`,
  }),
];
