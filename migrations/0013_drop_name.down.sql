-- Back to two columns in step, as 0012 left them.
ALTER TABLE customers ADD COLUMN name text;
UPDATE customers SET name = full_name;
ALTER TABLE customers ALTER COLUMN name SET NOT NULL;
ALTER TABLE customers ADD CONSTRAINT customers_name_check CHECK (name <> '');
ALTER TABLE customers ALTER COLUMN full_name DROP NOT NULL;
ALTER TABLE customers DROP CONSTRAINT customers_full_name_present;
ALTER TABLE customers ADD CONSTRAINT customers_full_name_present CHECK (full_name <> '' AND full_name IS NOT NULL) NOT VALID;

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
