DELETE FROM journal WHERE amount > 5;
