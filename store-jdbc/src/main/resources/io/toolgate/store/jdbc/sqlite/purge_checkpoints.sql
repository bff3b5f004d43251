-- Purpose:    deletes the checkpoints of records that purge.sql has just deleted, in its transaction. PostgreSQL does both
--             in one statement
-- Parameters: :ids (a JSON array of the ids in hexadecimal)
-- Index:      the primary key of the checkpoints
-- Isolation:  in the transaction of purge.sql
-- Rows:       none; the number of deleted checkpoints
-- Durability: synchronous=FULL, which every connection of the store has
DELETE FROM tg_idempotency_checkpoint
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
