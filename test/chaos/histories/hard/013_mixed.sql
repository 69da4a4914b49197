CREATE TABLE mixed (id integer PRIMARY KEY, name text);
INSERT INTO mixed SELECT g, 'row ' || g FROM generate_series(1, 20) g;
CREATE INDEX CONCURRENTLY mixed_name ON mixed (name);
UPDATE counters SET n = n + 1;
ALTER TABLE mixed ADD touched integer NOT NULL DEFAULT 0;
UPDATE mixed SET touched = touched + 1;
VACUUM mixed;
UPDATE mixed SET touched = touched + 10 WHERE id % 2 = 0;
CREATE TABLE after_mixed (id integer);
