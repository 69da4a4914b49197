CREATE UNIQUE INDEX CONCURRENTLY events_kind_weight ON events (kind, weight);
