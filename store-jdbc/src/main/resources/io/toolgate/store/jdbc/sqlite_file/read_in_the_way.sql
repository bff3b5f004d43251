-- Purpose:    names what is in a file without a store, and has the name of one of a store's tables or indexes, so that an
--             installation would fail. A table tg_store_info with a store_id beside tg_idempotency is a store
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  one snapshot, of the WAL if the file has one
-- Rows:       1, always; NULL if nothing is in the way
SELECT group_concat(type || ' ' || name, ', ') AS found
FROM (
    SELECT type, name FROM main.sqlite_schema
    WHERE type <> 'trigger'
      AND lower(name) IN (
          'tg_idempotency', 'tg_idempotency_record_id', 'tg_idempotency_expires_at',
          'tg_idempotency_result_unavailable', 'tg_idempotency_checkpoint', 'tg_idempotency_history',
          'tg_idempotency_history_forget_at', 'tg_idempotency_journal', 'tg_idempotency_journal_record_id',
          'tg_idempotency_counts', 'tg_store_info')
    ORDER BY name)
WHERE NOT EXISTS (
    SELECT 1 FROM main.sqlite_schema AS info, main.sqlite_schema AS record
    WHERE info.type = 'table' AND info.name = 'tg_store_info'
      AND record.type = 'table' AND record.name = 'tg_idempotency'
      AND EXISTS (SELECT 1 FROM pragma_table_info('tg_store_info', 'main') WHERE name = 'store_id'))
