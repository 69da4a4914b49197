UPDATE counters SET n = n + 1;
SELECT pg_sleep(0.08);
UPDATE counters SET n = n + 1;
