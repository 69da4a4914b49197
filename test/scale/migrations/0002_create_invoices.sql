CREATE TABLE invoices (id bigint PRIMARY KEY, account bigint NOT NULL REFERENCES accounts (id), total numeric NOT NULL);
CREATE INDEX invoices_account ON invoices (account);
