DELETE FROM journal WHERE amount = -2;
UPDATE accounts SET balance = balance + 2 WHERE id % 2 = 0;
