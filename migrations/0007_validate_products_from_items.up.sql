-- Validating lets reads and writes go on, unlike adding the constraint in one go.
ALTER TABLE order_items VALIDATE CONSTRAINT order_items_product_id_fkey;
