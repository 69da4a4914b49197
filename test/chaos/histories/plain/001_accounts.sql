CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL DEFAULT 0);
INSERT INTO accounts SELECT g, 100 FROM generate_series(1, 10) g;
