-- A poisoned database has a table of this name already.
CREATE TABLE invoices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric NOT NULL);
INSERT INTO done VALUES ('0002');
