INSERT INTO journal SELECT id, balance FROM accounts;
