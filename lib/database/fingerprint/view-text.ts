/**
 * SQL of a `LATERAL` item with a view's `text`, equal on all versions.
 *
 * Up to PostgreSQL 15 columns are written with their table's name even where only one table is selected from; since 16
 * they are not. So that name is taken off everywhere in such a view, and its string literals, which may hold the same
 * words, are added once more untouched. PostgreSQL indents what it writes, so a line with three spaces before its FROM
 * is the view's own and none of a subquery's.
 */
export const viewText = (oid: string): string => `LATERAL (SELECT pg_get_viewdef(${oid}) AS text OFFSET 0) written,
  LATERAL (SELECT substring(rtrim(written.text, ';') || E'\\n.' FROM '\\n   FROM (.*?)\\n {0,4}[^ ]') AS item OFFSET 0) taken,
  LATERAL (SELECT CASE WHEN taken.item !~ '^\\([^ ]' THEN
      substring(regexp_replace(taken.item, ' TABLESAMPLE .*$', '') FROM '("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)(?:\\((?:[^()]|\\([^()]*\\))*\\))?$') END AS alias OFFSET 0) named,
  LATERAL (SELECT CASE WHEN named.alias IS NULL THEN written.text ELSE
      regexp_replace(written.text, '(^|[^a-zA-Z0-9_$".])' || regexp_replace(named.alias, '([][(){}.*+?^$|\\\\])', '\\\\\\1', 'g') || '\\.(?=["a-z_])', '\\1', 'g')
        || coalesce((SELECT string_agg(l[1], ' ' ORDER BY l[1] COLLATE "C") FROM regexp_matches(written.text, '(''(?:[^'']|'''')*'')', 'g') l WHERE strpos(l[1], named.alias || '.') > 0), '') END AS text)`;
