CREATE FUNCTION first_two(a int[]) RETURNS int[] LANGUAGE plpgsql IMMUTABLE AS $fn$
DECLARE
  b int := 1;
BEGIN
  IF a = '{:x}' THEN RETURN NULL; END IF;
  RETURN a[b:2];
EXCEPTION WHEN invalid_text_representation THEN
  RETURN a[b:2];
END $fn$;
CREATE FUNCTION doubled(i integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT i * 2; END;
CREATE OR REPLACE FUNCTION note(text) RETURNS void LANGUAGE sql AS $$ UPDATE counters SET n = n + length($1) WHERE name <> ':name' $$;
SELECT note('four'), first_two('{1,2,3}');
