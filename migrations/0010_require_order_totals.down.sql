ALTER TABLE orders ALTER COLUMN total_cents DROP NOT NULL;
ALTER TABLE orders ADD CONSTRAINT orders_total_cents_present CHECK (total_cents IS NOT NULL) NOT VALID;
