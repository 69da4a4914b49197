-- Prices are whole cents: a float would lose some on the way.
CREATE TABLE products (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku         text        NOT NULL UNIQUE CHECK (sku ~ '^[A-Z0-9-]{3,32}$'),
  title       text        NOT NULL,
  price_cents bigint      NOT NULL CHECK (price_cents >= 0),
  currency    char(3)     NOT NULL DEFAULT 'EUR' CHECK (currency = upper(currency)),
  retired_at  timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN products.retired_at IS 'Set instead of deleting: old orders still name the product';
