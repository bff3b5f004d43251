-- Purpose:    purge.sql for version 1 of the schema, which has no other tables. Deletes ended records (COMPLETED,
--             REJECTED, RETRYABLE) whose retention is over. It counts from the last change: the result of a long run,
--             or a late one, is kept for a full retention. expires_at has passed then, too
-- Parameters: :limit
-- Index:      tg_idempotency_expires_at, to find them; tg_idempotency_pkey, to delete them
-- Isolation:  as in purge.sql
-- Rows:       none is returned. Rows deleted: the number of records, 0 if nothing is left to delete
-- Durability: as the session has it. A purge that a crash undoes is repeated by the next one
DELETE FROM tg_idempotency AS t
WHERE t.record_id = ANY (ARRAY(
    SELECT record_id
    FROM tg_idempotency
    WHERE expires_at <= statement_timestamp()
      AND statement_timestamp() - updated_at >= expires_at - created_at
      AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
      AND xmax <> ALL (ARRAY(SELECT transactionid FROM pg_catalog.pg_locks WHERE locktype = 'transactionid'))
    ORDER BY expires_at
    LIMIT :limit
))
  AND (t.expires_at <= statement_timestamp()) IS TRUE
  AND statement_timestamp() - t.updated_at >= t.expires_at - t.created_at
  AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
