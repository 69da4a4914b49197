ALTER TABLE accounts ADD rate integer NOT NULL DEFAULT 1;
UPDATE accounts SET rate = rate * 2;
