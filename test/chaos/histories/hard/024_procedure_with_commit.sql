CREATE PROCEDURE in_pieces() LANGUAGE plpgsql AS $$
BEGIN
  UPDATE counters SET n = n + 100;
  COMMIT;
  UPDATE counters SET n = n + 100;
END $$;
CREATE PROCEDURE in_one() LANGUAGE plpgsql AS $$ BEGIN UPDATE counters SET n = n + 5; END $$;
CALL in_one();
