-- "My orders", newest first. CONCURRENTLY, because orders are placed meanwhile; therefore alone in its file.
CREATE INDEX CONCURRENTLY orders_customer_id_created_at_idx ON orders (customer_id, created_at DESC);
