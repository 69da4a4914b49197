/**
 * A schema with one of everything that a migration can make, as statements for any PostgreSQL from 13 on, in an order
 * that works. Roles `reader` and `writer` have to exist. No extension is asked for.
 */
export const everything: string[] = [
  'CREATE SCHEMA shop',
  "CREATE TYPE shop.state AS ENUM ('new', 'paid')",
  "CREATE DOMAIN shop.price AS numeric(10, 2) DEFAULT 0 NOT NULL CONSTRAINT price_positive CHECK (VALUE >= 0)",
  'CREATE TYPE shop.address AS (street text, town varchar(80) COLLATE "C", zip integer)',
  'CREATE TYPE shop.span AS RANGE (subtype = timestamptz)',
  "CREATE COLLATION shop.plain (provider = libc, locale = 'C')",
  "CREATE COLLATION shop.german (provider = icu, locale = 'de-u-co-phonebk', deterministic = false)",
  'CREATE TABLE shop.customers (id bigint GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5) PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(40) COLLATE shop.german, home shop.address, born date)',
  `CREATE TABLE shop.orders (
     id bigserial PRIMARY KEY, customer bigint NOT NULL REFERENCES shop.customers ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
     state shop.state DEFAULT 'new', total shop.price, net numeric(10, 2) GENERATED ALWAYS AS (total / 1.19) STORED,
     placed timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'), tags text[] DEFAULT '{}', data jsonb DEFAULT '{"a": 1}', note text,
     CONSTRAINT id_positive CHECK (id > 0), CHECK (trim(note) <> '' AND position('x' IN substring(note FROM 1 FOR 2)) = 0))`,
  'ALTER TABLE shop.orders ADD CONSTRAINT later CHECK (length(note) < 1000) NOT VALID',
  'ALTER TABLE shop.orders ALTER data SET STORAGE EXTERNAL, ALTER note SET STATISTICS 200, ALTER customer SET (n_distinct = 5)',
  'ALTER TABLE shop.orders SET (fillfactor = 70, toast.autovacuum_enabled = off, autovacuum_enabled = off)',
  'ALTER TABLE shop.customers REPLICA IDENTITY FULL',
  'CREATE INDEX orders_customer ON shop.orders (customer) INCLUDE (state)',
  "CREATE INDEX orders_recent ON shop.orders (lower(note) text_pattern_ops, (placed AT TIME ZONE 'utc') DESC NULLS LAST) WHERE state <> 'paid'",
  'CREATE INDEX orders_data ON shop.orders USING gin (data jsonb_path_ops) WITH (fastupdate = off)',
  'CREATE STATISTICS shop.dependent (dependencies) ON customer, state FROM shop.orders',
  'ALTER TABLE shop.orders ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =)',
  'CREATE SEQUENCE shop.numbers AS integer INCREMENT 2 MAXVALUE 9999 CYCLE',
  'CREATE TABLE shop.events (id bigint NOT NULL, at timestamptz NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)',
  "CREATE TABLE shop.events_2024 PARTITION OF shop.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
  'CREATE TABLE shop.events_rest PARTITION OF shop.events DEFAULT',
  'CREATE INDEX events_kind ON shop.events (kind)',
  'CREATE TABLE shop.old_orders (archived date) INHERITS (shop.orders)',
  'CREATE UNLOGGED TABLE shop.scratch (id integer, counter serial)',
  'CREATE VIEW shop.open AS SELECT id, note, placed AT TIME ZONE \'utc\' AS at FROM shop.orders WHERE state = \'new\' AND id NOT IN (SELECT id FROM shop.customers)',
  "CREATE VIEW shop.spending WITH (security_barrier) AS SELECT c.email, sum(o.total) AS total, count(*) FILTER (WHERE o.state = 'paid') AS paid FROM shop.customers c LEFT JOIN shop.orders o ON o.customer = c.id GROUP BY c.email",
  "CREATE VIEW shop.recursive AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i, row_number() OVER (ORDER BY i) AS r FROM n",
  "CREATE MATERIALIZED VIEW shop.totals AS SELECT customer, sum(total) AS total, 'orders.customer' AS source FROM shop.orders GROUP BY customer WITH NO DATA",
  'CREATE INDEX totals_customer ON shop.totals (customer)',
  "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'x'; RETURN NEW; END $$",
  "CREATE FUNCTION shop.twice(n integer, VARIADIC more integer[] DEFAULT '{}') RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 SET search_path = shop SET work_mem = '1MB' AS 'SELECT n * 2'",
  'CREATE FUNCTION shop.twice(n text) RETURNS TABLE (a integer, b text) LANGUAGE sql STABLE SECURITY DEFINER ROWS 7 AS $$ SELECT 1, n $$',
  'CREATE PROCEDURE shop.tidy(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := 1; END $$',
  "CREATE AGGREGATE shop.total(numeric) (sfunc = numeric_add, stype = numeric, initcond = '0', parallel = safe)",
  'CREATE FUNCTION shop.same(a integer, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a = b $$',
  'CREATE OPERATOR shop.=== (leftarg = integer, rightarg = integer, function = shop.same, commutator = OPERATOR(shop.===))',
  'CREATE OPERATOR CLASS shop.same_ops FOR TYPE integer USING hash AS OPERATOR 1 shop.===, FUNCTION 1 hashint4(integer)',
  'CREATE FUNCTION shop.street(shop.address) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1.street $$',
  'CREATE CAST (shop.address AS text) WITH FUNCTION shop.street(shop.address) AS ASSIGNMENT',
  'CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF note ON shop.orders FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION shop.touch()',
  'CREATE TRIGGER touch_events AFTER UPDATE ON shop.events FOR EACH ROW EXECUTE FUNCTION shop.touch()',
  'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON shop.customers DEFERRABLE FOR EACH ROW EXECUTE FUNCTION shop.touch()',
  'CREATE RULE no_delete AS ON DELETE TO shop.customers DO INSTEAD NOTHING',
  'ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY',
  'CREATE POLICY mine ON shop.orders FOR SELECT TO reader USING (customer = 1)',
  'CREATE POLICY all_of_it ON shop.orders AS RESTRICTIVE WITH CHECK (total > 0)',
  'GRANT USAGE ON SCHEMA shop TO reader, writer',
  'GRANT ALL ON shop.orders TO writer',
  'GRANT SELECT ON shop.orders TO reader WITH GRANT OPTION',
  'GRANT SELECT (email), UPDATE (name) ON shop.customers TO reader',
  'REVOKE EXECUTE ON FUNCTION shop.twice(text) FROM PUBLIC',
  'GRANT USAGE ON SEQUENCE shop.numbers TO writer',
  'GRANT USAGE ON TYPE shop.state TO reader',
  'ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO reader',
  'CREATE TEXT SEARCH DICTIONARY shop.stems (template = pg_catalog.simple, accept = false)',
  'CREATE TEXT SEARCH CONFIGURATION shop.words (copy = pg_catalog.simple)',
  'ALTER TEXT SEARCH CONFIGURATION shop.words ALTER MAPPING FOR word WITH shop.stems, simple',
  "CREATE FOREIGN DATA WRAPPER far OPTIONS (debug 'on', password 'secret')",
  "CREATE SERVER away TYPE 'x' FOREIGN DATA WRAPPER far OPTIONS (host 'a')",
  "CREATE USER MAPPING FOR reader SERVER away OPTIONS (password 'secret')",
  "CREATE FOREIGN TABLE shop.elsewhere (id integer OPTIONS (column_name 'x')) SERVER away OPTIONS (table_name 'y')",
  'CREATE PUBLICATION told FOR TABLE shop.customers, shop.orders',
  'CREATE EVENT TRIGGER nothing ON ddl_command_end WHEN TAG IN (\'CREATE CAST\') EXECUTE FUNCTION shop.watch()',
  "COMMENT ON SCHEMA shop IS 'what is sold'",
  "COMMENT ON TABLE shop.orders IS 'each of them'",
  "COMMENT ON COLUMN shop.orders.total IS 'with tax'",
  "COMMENT ON CONSTRAINT id_positive ON shop.orders IS 'never zero'",
  "COMMENT ON INDEX shop.orders_customer IS 'for the page of a customer'",
  "COMMENT ON FUNCTION shop.twice(text) IS 'not really'",
  "COMMENT ON TYPE shop.state IS 'of an order'",
  "COMMENT ON COLUMN shop.address.zip IS 'digits'",
  "COMMENT ON TRIGGER touch ON shop.orders IS 'before'",
];

const watch = everything.findIndex((it) => it.startsWith('CREATE EVENT TRIGGER'));
everything.splice(
  watch,
  0,
  'CREATE FUNCTION shop.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$',
);

/**
 * Statements after which a schema is another one, each with the sentences that tell of it. `of` says what they need:
 * a server from that version on.
 */
export type Corruption = { by: string[]; told: string[] };

const by = (...statements: string[]) => ({
  tells: (...told: string[]): Corruption => ({ by: statements, told }),
});

export const corruptions: Corruption[] = [
  by('DROP INDEX shop.orders_customer').tells(
    'comment on index shop.orders_customer is missing',
    'index shop.orders_customer is missing',
  ),
];
