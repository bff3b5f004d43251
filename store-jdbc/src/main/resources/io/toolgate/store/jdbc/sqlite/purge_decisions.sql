-- Purpose:    deletes what was decided about records that purge.sql has just deleted, in its transaction, where it may be
--             forgotten and no journal keeps it for good. PostgreSQL does both in one statement
-- Parameters: :ids (a JSON array of the ids in hexadecimal), :now
-- Index:      the primary key of the history
-- Isolation:  in the transaction of purge.sql
-- Rows:       none; the number of deleted decisions
-- Durability: synchronous=FULL, which every connection of the store has
DELETE FROM tg_idempotency_history
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
  AND forget_at <= :now
  AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'tg_idempotency_journal_update')
