-- A table, not a status: an order can be refunded in parts, and more than once.
CREATE TABLE refunds (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id     bigint      NOT NULL REFERENCES orders (id),
  amount_cents bigint      NOT NULL CHECK (amount_cents > 0),
  reason       text        NOT NULL,
  refunded_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX refunds_order_id_idx ON refunds (order_id);
