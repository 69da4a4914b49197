-- The totals may stay: they are true, and 0008 takes them away with their column.
ALTER TABLE orders DROP CONSTRAINT orders_total_cents_present;
