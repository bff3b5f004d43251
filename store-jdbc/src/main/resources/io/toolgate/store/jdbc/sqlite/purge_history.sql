-- Purpose:    deletes decisions past forget_at about keys without a record, unless the journal is on: those that
--             purge.sql left because they had to be kept longer than their record
-- Parameters: :limit, :now
-- Index:      tg_idempotency_history_forget_at, tg_idempotency_record_id
-- Isolation:  autocommit. SQLite has one writer at a time, so nothing changes between the search and the DELETE
-- Rows:       none is returned. Rows deleted: the number of decisions, 0 if nothing is left to delete
-- Durability: synchronous=FULL, set on every connection of the store
DELETE FROM tg_idempotency_history
WHERE rowid IN (
    SELECT rowid
    FROM tg_idempotency_history AS o
    WHERE forget_at <= :now
      AND NOT EXISTS (SELECT 1 FROM tg_idempotency AS t WHERE t.record_id = o.record_id)
      AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'tg_idempotency_journal_update')
    ORDER BY forget_at
    LIMIT :limit
)
