-- Purpose:    deletes ended records whose retention is over
-- Parameters: :limit, :now
-- Index:      tg_idempotency_expires_at, to find them; the rowid, to delete them
-- Isolation:  one autocommitted write; SQLite has one writer at a time, so nothing moves between the search and the DELETE
--             What ended late is kept for as long after its end as it was to be kept from its claim
-- Rows:       none; the number of deleted records. 0: nothing is left
-- Durability: synchronous=FULL, which every connection of the store has
DELETE FROM tg_idempotency
WHERE rowid IN (
    SELECT rowid
    FROM tg_idempotency
    WHERE expires_at <= :now
      AND updated_at + (expires_at - created_at) <= :now
      AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
    ORDER BY expires_at
    LIMIT :limit
)
