-- Purpose:    checkpoints that are ahead of their record, in version or fence
-- Parameters: none
-- Index:      tg_idempotency_record_id
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(c.record_id))) AS example
FROM tg_idempotency_checkpoint AS c
JOIN tg_idempotency AS t ON t.record_id = c.record_id AND t.life = c.life AND t.created_at = c.record_created_at
WHERE c.version > t.version OR c.fence > t.fence
