UPDATE accounts SET balance = balance - 2 WHERE id % 2 = 0;
INSERT INTO journal SELECT id, -2 FROM accounts WHERE id % 2 = 0;
