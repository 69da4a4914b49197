ALTER TABLE orders VALIDATE CONSTRAINT orders_total_cents_present;
ALTER TABLE orders ALTER COLUMN total_cents SET NOT NULL;
-- Its work is done: the column says the same now.
ALTER TABLE orders DROP CONSTRAINT orders_total_cents_present;
