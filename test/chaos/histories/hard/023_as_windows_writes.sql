-- A mark at the head, line ends of Windows, and names that are not ASCII.
CREATE TABLE "größe" (
  "naïve" text DEFAULT 'ĳ :x $$ ; --',
  /* nested /* comment */ */ "数" integer
);
INSERT INTO "größe" ("数") VALUES (1), (2);
