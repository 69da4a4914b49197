CREATE FUNCTION slowly(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(0.004); RETURN $1; END $$;
CREATE INDEX CONCURRENTLY mixed_slowly ON mixed (slowly(touched));
DROP INDEX CONCURRENTLY mixed_slowly;
CREATE UNIQUE INDEX CONCURRENTLY mixed_id_touched ON mixed (id, touched);
