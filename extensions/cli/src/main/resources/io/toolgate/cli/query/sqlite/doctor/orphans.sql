-- Purpose:    checkpoints without a record, left by the purge of a library version that did not know checkpoints
-- Parameters: none
-- Index:      tg_idempotency_record_id
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(c.record_id))) AS example
FROM tg_idempotency_checkpoint AS c
WHERE NOT EXISTS (SELECT 1 FROM tg_idempotency AS t WHERE t.record_id = c.record_id)
