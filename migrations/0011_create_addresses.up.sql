CREATE TABLE addresses (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id  bigint      NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  lines        text[]      NOT NULL CHECK (cardinality(lines) BETWEEN 1 AND 6),
  country      char(2)     NOT NULL CHECK (country = upper(country)),
  is_default   boolean     NOT NULL DEFAULT false,
  created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX addresses_customer_id_idx ON addresses (customer_id);

-- Any number of addresses, but one default.
CREATE UNIQUE INDEX addresses_one_default_per_customer ON addresses (customer_id) WHERE is_default;

ALTER TABLE orders ADD COLUMN shipping_address_id bigint REFERENCES addresses (id);
