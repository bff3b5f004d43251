-- Purpose:    deletes the checkpoints of records that purge.sql has just deleted. On PostgreSQL one statement does
--             both
-- Parameters: :ids (a JSON array of ids in hexadecimal)
-- Index:      the primary key of tg_idempotency_checkpoint
-- Isolation:  in the transaction of purge.sql
-- Rows:       none is returned. Rows deleted: the number of checkpoints
-- Durability: synchronous=FULL, set on every connection of the store
DELETE FROM tg_idempotency_checkpoint
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
