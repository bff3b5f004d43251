-- Purpose:    indexes and constraints of the tables that the server does not vouch for
-- Parameters: none
-- Index:      pg_index and pg_constraint, by table
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them. Without the CHECK that the upgrade of a large table leaves
--             NOT VALID: status_columns looks at each row for what it says
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
