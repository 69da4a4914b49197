-- What the warehouse works off, oldest first. It reads this view and nothing else of ours.
CREATE VIEW open_orders AS
SELECT
  orders.id,
  orders.placed_at,
  customers.full_name,
  addresses.lines   AS address_lines,
  addresses.country AS address_country,
  orders.total_cents
FROM orders
JOIN customers ON customers.id = orders.customer_id
LEFT JOIN addresses ON addresses.id = orders.shipping_address_id
WHERE orders.status IN ('placed', 'paid')
ORDER BY orders.placed_at;

COMMENT ON VIEW open_orders IS 'Read by the warehouse: columns may be added at the end, never changed';
