ALTER TYPE mood ADD VALUE IF NOT EXISTS 'wild';
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'tired';
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, b positive);
CREATE TABLE pairs (id integer PRIMARY KEY, p pair, twice integer GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO pairs (id, p) VALUES (1, ROW(1, 2));
