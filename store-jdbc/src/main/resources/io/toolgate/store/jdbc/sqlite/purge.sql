-- Purpose:    deletes ended records (COMPLETED, REJECTED, RETRYABLE) whose retention is over. It counts from the
--             last change: the result of a long run, or a late one, is kept for a full retention. expires_at, which
--             counts from the claim, must have passed, too.
--             Race: a record is also kept until its retirements may be forgotten, and both go in one commit, so that a
--             claim counts the attempts of one lifetime from one place. First part of a transaction;
--             purge_checkpoints.sql and purge_decisions.sql then delete what belongs to these records
-- Parameters: :limit, :now
-- Index:      tg_idempotency_expires_at, to find them; the rowid, to delete them; the primary key of
--             tg_idempotency_history
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
      AND NOT EXISTS (
          SELECT 1
          FROM tg_idempotency_history AS h
          WHERE h.record_id = o.record_id AND h.decision = 'RETIRED' AND h.forget_at > :now)
    ORDER BY expires_at
    LIMIT :limit
)
RETURNING record_id
