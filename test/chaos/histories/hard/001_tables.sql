-- The file's own transaction, as many tools write it.
BEGIN;
CREATE TABLE counters (name text PRIMARY KEY, n integer NOT NULL DEFAULT 0);
INSERT INTO counters (name) VALUES ('all'), ('odd');
CREATE TABLE events (id bigserial PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL DEFAULT now(), weight integer);
COMMIT;
