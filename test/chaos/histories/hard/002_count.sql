UPDATE counters SET n = n + 1;
INSERT INTO events (kind, weight) SELECT 'made', g FROM generate_series(1, 40) g;
UPDATE counters SET n = n * 3 + 1 WHERE name = 'odd';
