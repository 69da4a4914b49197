CREATE TYPE order_status AS ENUM ('draft', 'placed', 'paid', 'shipped', 'cancelled');

CREATE TABLE orders (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint       NOT NULL REFERENCES customers (id),
  status      order_status NOT NULL DEFAULT 'draft',
  placed_at   timestamptz,
  created_at  timestamptz  NOT NULL DEFAULT now(),
  updated_at  timestamptz  NOT NULL DEFAULT now(),
  CONSTRAINT orders_placed_once_not_draft CHECK (status IN ('draft', 'cancelled') OR placed_at IS NOT NULL)
);

-- The price is copied, for what a customer owes must not follow the catalogue.
CREATE TABLE order_items (
  order_id         bigint  NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  position         integer NOT NULL CHECK (position > 0),
  product_id       bigint  NOT NULL,
  quantity         integer NOT NULL CHECK (quantity > 0),
  unit_price_cents bigint  NOT NULL CHECK (unit_price_cents >= 0),
  PRIMARY KEY (order_id, position)
);
