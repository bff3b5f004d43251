-- Purpose:    purge.sql for version 1 of the schema, which has nothing beside the records: deletes ended records whose
--             retention is over, counted from the claim and once more from their end: what a long run stored, or what was
--             learned late, is not forgotten the moment it is known
-- Parameters: :limit, :now
-- Index:      tg_idempotency_expires_at, to find them; the rowid, to delete them
-- Isolation:  one autocommitted write; SQLite has one writer at a time, so nothing moves between the search and the DELETE
-- Rows:       none; the number of deleted records. 0: nothing is left
-- Durability: synchronous=FULL, which every connection of the store has
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
