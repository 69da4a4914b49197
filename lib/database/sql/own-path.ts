/**
 * Goes from `pg_catalog` alone, which is in force, to the path that the database and its role are set to: what somebody
 * else's session has left counts for nothing. Without `lockstep`, which unqualified names never mean. Names may be
 * resolved by the path that it gives from then on.
 */
export const ownPath = `    setting := set_config('search_path', NULL, false);
    IF 'lockstep'::pg_catalog.name OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)) THEN
      PERFORM pg_catalog.set_config('search_path', (SELECT coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(s::pg_catalog.text), ', '), '')
        FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) s WHERE s OPERATOR(pg_catalog.<>) 'lockstep'::pg_catalog.name), true);
    END IF;`;

/** A point in time or a duration as milliseconds, whatever the path is. */
export const milliseconds = (of: string): string =>
  `(extract(epoch FROM ${of})::numeric OPERATOR(pg_catalog.*) 1000::numeric)`;
