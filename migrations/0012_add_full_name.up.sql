-- customers.name becomes full_name, since there will be a company_name. A RENAME would break every instance that still
-- runs the old code, so for one release both columns exist and hold the same. 0013 takes the old one away.
ALTER TABLE customers ADD COLUMN full_name text;

CREATE FUNCTION sync_customer_names() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.full_name := coalesce(NEW.full_name, NEW.name);
    NEW.name := coalesce(NEW.name, NEW.full_name);
  ELSIF NEW.full_name IS DISTINCT FROM OLD.full_name THEN
    NEW.name := NEW.full_name;
  ELSE
    NEW.full_name := NEW.name;
  END IF;
  RETURN NEW;
END;
$$;

CREATE TRIGGER customers_sync_names
  BEFORE INSERT OR UPDATE ON customers
  FOR EACH ROW EXECUTE FUNCTION sync_customer_names();

UPDATE customers SET full_name = name WHERE full_name IS NULL;

ALTER TABLE customers ADD CONSTRAINT customers_full_name_present CHECK (full_name <> '' AND full_name IS NOT NULL) NOT VALID;
