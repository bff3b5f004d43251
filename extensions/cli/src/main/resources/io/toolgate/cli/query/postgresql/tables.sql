-- Purpose:    the tables that exist
-- Parameters: none
-- Index:      pg_class and pg_namespace, by name
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 to 6
SELECT c.relname::text AS name
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_class AS main ON main.oid = to_regclass('tg_idempotency') AND main.relnamespace = c.relnamespace
WHERE c.relname IN ('tg_idempotency', 'tg_store_info', 'tg_idempotency_checkpoint', 'tg_idempotency_history',
                    'tg_idempotency_journal', 'tg_idempotency_counts')
  AND c.relkind IN ('r', 'p')
ORDER BY 1
