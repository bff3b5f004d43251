-- Purpose:    indexes and constraints of the tables that are not valid
-- Parameters: none
-- Index:      pg_index and pg_constraint, by table
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example. Excludes the CHECK that the upgrade of a large
--             table leaves NOT VALID: status_columns checks each row for it
SELECT count(*) AS found, min(name) AS example
FROM (
    SELECT i.indexrelid::regclass::text AS name
    FROM pg_catalog.pg_index AS i
    WHERE i.indrelid IN (to_regclass('tg_idempotency'), to_regclass('tg_idempotency_checkpoint'),
                         to_regclass('tg_idempotency_history'), to_regclass('tg_idempotency_journal'))
      AND NOT (i.indisvalid AND i.indisready)
    UNION ALL
    SELECT c.conname::text
    FROM pg_catalog.pg_constraint AS c
    WHERE c.conrelid IN (to_regclass('tg_idempotency'), to_regclass('tg_idempotency_checkpoint'),
                         to_regclass('tg_idempotency_history'), to_regclass('tg_idempotency_journal'))
      AND NOT c.convalidated AND c.conname <> 'tg_idempotency_status_columns'
) AS unsure
