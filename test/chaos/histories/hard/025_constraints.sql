ALTER TABLE events ADD CONSTRAINT light CHECK (weight < 1000) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT light;
ALTER TABLE mixed ADD CONSTRAINT named UNIQUE (name);
COMMENT ON CONSTRAINT light ON events IS 'It''s :light; $$ really $$';
