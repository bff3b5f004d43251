-- Purpose:    deletes ended records whose retention is over, counted from the claim and once more from their end: what a
--             long run stored, or what was learned late, is not forgotten the moment it is known. A record waits for its
--             retirements to be forgettable: attempts are counted from there. First part of a transaction; in the others
--             purge_checkpoints.sql and purge_decisions.sql delete what belongs to these records
-- Parameters: :limit, :now
-- Index:      tg_idempotency_expires_at, to find them; the rowid, to delete them; the primary key of the history
-- Isolation:  in a transaction that began with the write lock, so nothing moves between the search and the DELETE
-- Rows:       one for each deleted record. 0: nothing is left
-- Durability: synchronous=FULL, which every connection of the store has
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
