-- Purpose:    deletes ended records (COMPLETED, REJECTED, RETRYABLE) whose retention is over. It counts from the
--             last change: the result of a long run, or a late one, is kept for a full retention. expires_at has passed
--             then, too. First part of a transaction; purge_checkpoints.sql and purge_decisions.sql then delete what
--             belongs to these records
-- Parameters: :limit, :now
-- Index:      tg_idempotency_expires_at, to find them; the rowid, to delete them
-- Isolation:  in a transaction that began with the write lock, so nothing changes between the search and the DELETE
-- Rows:       one for each deleted record
--             0: nothing is left to delete
-- Durability: synchronous=FULL, set on every connection of the store
DELETE FROM tg_idempotency
WHERE rowid IN (
    SELECT rowid
    FROM tg_idempotency AS o
    WHERE expires_at <= :now
      AND :now - updated_at >= expires_at - created_at
      AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
    ORDER BY expires_at
    LIMIT :limit
)
RETURNING record_id
