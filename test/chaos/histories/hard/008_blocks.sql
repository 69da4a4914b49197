DO $$
DECLARE
  x integer := 1;
BEGIN
  FOR i IN 1..3 LOOP
    UPDATE counters SET n = n + x;
    x := x * 2;
  END LOOP;
  EXECUTE 'CREATE TABLE made_in_a_block (id int)';
  BEGIN
    INSERT INTO made_in_a_block VALUES (1 / 0);
  EXCEPTION WHEN division_by_zero THEN
    INSERT INTO made_in_a_block VALUES (0);
  END;
END
$$;
