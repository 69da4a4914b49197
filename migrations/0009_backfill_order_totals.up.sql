-- Only what 0008's trigger has not filled yet: running it twice changes nothing.
UPDATE orders
SET total_cents = coalesce(
  (SELECT sum(quantity * unit_price_cents) FROM order_items WHERE order_items.order_id = orders.id),
  0
)
WHERE total_cents IS NULL;

-- SET NOT NULL would scan the table under an exclusive lock; a validated check lets it skip that.
ALTER TABLE orders ADD CONSTRAINT orders_total_cents_present CHECK (total_cents IS NOT NULL) NOT VALID;
