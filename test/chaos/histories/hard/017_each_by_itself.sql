-- lockstep: stepwise
UPDATE counters SET n = n + 1;
UPDATE counters SET n = n + 10 WHERE name = 'odd';
INSERT INTO events (kind, weight) VALUES ('step', 1);
UPDATE counters SET n = n * 2;
