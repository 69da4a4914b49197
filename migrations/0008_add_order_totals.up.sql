-- Lists of orders summed their items on every page. Nullable for now, so that adding it rewrites nothing.
ALTER TABLE orders ADD COLUMN total_cents bigint;

-- Written before the backfill, so that no order placed meanwhile is missed.
CREATE FUNCTION sum_order_items() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  changed bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.order_id ELSE NEW.order_id END;
BEGIN
  UPDATE orders
  SET total_cents = (
    SELECT coalesce(sum(quantity * unit_price_cents), 0) FROM order_items WHERE order_id = changed
  )
  WHERE id = changed;
  RETURN NULL;
END;
$$;

CREATE TRIGGER order_items_sum
  AFTER INSERT OR UPDATE OR DELETE ON order_items
  FOR EACH ROW EXECUTE FUNCTION sum_order_items();

ALTER TABLE orders ALTER COLUMN total_cents SET DEFAULT 0;
