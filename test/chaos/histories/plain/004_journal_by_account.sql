CREATE INDEX CONCURRENTLY journal_by_account ON journal (account);
