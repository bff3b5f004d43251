-- Purpose:    checkpoints whose key has no record: purged by a library that did not know them
-- Parameters: none
-- Index:      tg_idempotency_record_id
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(lower(hex(c.record_id))) AS example
FROM tg_idempotency_checkpoint AS c
WHERE NOT EXISTS (SELECT 1 FROM tg_idempotency AS t WHERE t.record_id = c.record_id)
