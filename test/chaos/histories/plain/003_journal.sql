CREATE TABLE journal (account integer REFERENCES accounts, amount integer);
INSERT INTO journal SELECT id, 5 FROM accounts;
UPDATE accounts SET balance = balance + 5;
