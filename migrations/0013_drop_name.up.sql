-- To be released once no instance reads or writes customers.name any more.
ALTER TABLE customers VALIDATE CONSTRAINT customers_full_name_present;
ALTER TABLE customers ALTER COLUMN full_name SET NOT NULL;

DROP TRIGGER customers_sync_names ON customers;
DROP FUNCTION sync_customer_names();
ALTER TABLE customers DROP COLUMN name;
