CREATE INDEX CONCURRENTLY ON events (weight) WHERE weight > 3;
