SELECT kind, count(*) AS n INTO kinds FROM events GROUP BY kind;
DELETE FROM events WHERE kind = 'step';
