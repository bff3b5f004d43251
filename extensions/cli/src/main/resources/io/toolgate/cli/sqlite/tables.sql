-- Purpose:    which of the tables are there
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       0 to 6
SELECT name
FROM main.sqlite_schema
WHERE type = 'table'
  AND name IN ('tg_idempotency', 'tg_store_info', 'tg_idempotency_checkpoint', 'tg_idempotency_history',
               'tg_idempotency_journal', 'tg_idempotency_counts')
ORDER BY 1
