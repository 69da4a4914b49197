CREATE VIEW heavy AS SELECT id, weight FROM events WHERE weight > 30;
CREATE MATERIALIZED VIEW weights AS SELECT kind, sum(weight) AS total FROM events GROUP BY kind;
CREATE FUNCTION count_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE counters SET n = n + 1 WHERE name = 'all';
  RETURN NEW;
END $$;
CREATE TRIGGER counted AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION count_events();
INSERT INTO events (kind, weight) VALUES ('triggered', 1), ('triggered', 2);
REFRESH MATERIALIZED VIEW weights;
