CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE TABLE moods (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood NOT NULL);
INSERT INTO moods (mood) VALUES ('calm'), ('busy');
ALTER TYPE mood ADD VALUE 'wild' AFTER 'busy';
INSERT INTO moods (mood) VALUES ('wild');
UPDATE counters SET n = n + (SELECT count(*) FROM moods WHERE mood = 'wild');
