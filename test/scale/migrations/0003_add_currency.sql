ALTER TABLE invoices ADD currency text NOT NULL DEFAULT 'EUR';
