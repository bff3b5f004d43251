-- Purpose:    purge.sql for version 1 of the schema, which has no other tables. Deletes ended records (COMPLETED,
--             REJECTED, RETRYABLE) whose retention is over. It counts from the last change: the result of a long run,
--             or a late one, is kept for a full retention. expires_at has passed then, too
-- Parameters: :limit, :now
-- Index:      tg_idempotency_expires_at, to find them; the rowid, to delete them
-- Isolation:  autocommit. SQLite has one writer at a time, so nothing changes between the search and the DELETE
-- Rows:       none is returned. Rows deleted: the number of records, 0 if nothing is left to delete
-- Durability: synchronous=FULL, set on every connection of the store
DELETE FROM tg_idempotency
WHERE rowid IN (
    SELECT rowid
    FROM tg_idempotency
    WHERE expires_at <= :now
      AND :now - updated_at >= expires_at - created_at
      AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
    ORDER BY expires_at
    LIMIT :limit
)
