-- Purpose:    checkpoints without a record, left by the purge of a library version that did not know checkpoints
-- Parameters: none
-- Index:      tg_idempotency_pkey
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(c.record_id::text) AS example
FROM tg_idempotency_checkpoint AS c
WHERE NOT EXISTS (SELECT 1 FROM tg_idempotency AS t WHERE t.record_id = c.record_id)
