-- Purpose:    the tables that exist
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       0 to 6
SELECT name
FROM main.sqlite_schema
WHERE type = 'table'
  AND name IN ('tg_idempotency', 'tg_store_info', 'tg_idempotency_checkpoint', 'tg_idempotency_history',
               'tg_idempotency_journal', 'tg_idempotency_counts')
ORDER BY 1
