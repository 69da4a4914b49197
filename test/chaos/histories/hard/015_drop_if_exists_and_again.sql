DROP INDEX CONCURRENTLY IF EXISTS public.never_there;
CREATE INDEX CONCURRENTLY IF NOT EXISTS mixed_name ON mixed (name, touched);
