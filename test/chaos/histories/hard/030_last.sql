UPDATE counters SET n = n + 1;
ALTER TABLE counters ADD CONSTRAINT counted CHECK (n > 0);
ALTER TABLE mixed ADD CONSTRAINT mixed_once UNIQUE USING INDEX mixed_id_touched;
DROP TABLE after_mixed;
