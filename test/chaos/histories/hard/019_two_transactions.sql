BEGIN;
CREATE TABLE first_half (id integer);
UPDATE counters SET n = n + 1;
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO first_half SELECT n FROM counters;
UPDATE counters SET n = n + 1;
COMMIT;
