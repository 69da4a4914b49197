CREATE SCHEMA elsewhere;
SET search_path = elsewhere, public;
SET work_mem = '3MB';
CREATE TEMP TABLE scratch AS SELECT weight FROM events WHERE weight < 4;
CREATE TABLE here (id integer PRIMARY KEY, total bigint);
INSERT INTO here SELECT 1, sum(weight) FROM scratch;
UPDATE counters SET n = n + (SELECT count(*) FROM scratch);
