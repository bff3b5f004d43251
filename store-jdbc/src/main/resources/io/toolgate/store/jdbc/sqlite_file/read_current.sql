-- Purpose:    reads all that the opening of a store asks of a file whose schema is current: which store and which schema
--             it holds. Fails if there is no such table; then the schema is looked at closer
-- Parameters: none
-- Index:      none; the table has one row, and sqlite_schema is small
-- Isolation:  one snapshot of the WAL
-- Rows:       1, always; NULL if an installation was interrupted, and the table is empty
SELECT max(store_id) AS store_id,
       max(file_generation) AS file_generation,
       max(schema_version) AS schema_version,
       EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'tg_idempotency') AS idempotency,
       EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND name = 'tg_idempotency_journal_update')
           AS journal
FROM tg_store_info
