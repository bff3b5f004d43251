-- Purpose:    deletes decisions past forget_at about records that purge.sql has just deleted, unless the journal is
--             on. On PostgreSQL one statement does both
-- Parameters: :ids (a JSON array of ids in hexadecimal), :now
-- Index:      the primary key of tg_idempotency_history
-- Isolation:  in the transaction of purge.sql
-- Rows:       none is returned. Rows deleted: the number of decisions
-- Durability: synchronous=FULL, set on every connection of the store
DELETE FROM tg_idempotency_history
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
  AND forget_at <= :now
  AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'tg_idempotency_journal_update')
