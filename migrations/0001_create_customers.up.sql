-- Whoever can place an order. The e-mail address is who they are to us, so it is unique whatever its capitals.
CREATE TABLE customers (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email      text        NOT NULL CHECK (email LIKE '%_@_%'),
  name       text        NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX customers_email_key ON customers (lower(email));

COMMENT ON TABLE customers IS 'People and companies that place orders';
