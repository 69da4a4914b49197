DROP INDEX CONCURRENTLY journal_by_account;
