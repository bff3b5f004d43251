-- Purpose:    deletes decisions that may be forgotten, about keys that have no record any more, where no journal keeps them
--             for good: those that purge.sql left behind because they had to be kept for longer than their record
-- Parameters: :limit, :now
-- Index:      tg_idempotency_history_forget_at, tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time
-- Rows:       none; the number of deleted decisions. 0: nothing is left
-- Durability: synchronous=FULL, which every connection of the store has
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
