-- Purpose:    records that purge could have deleted for a day
-- Parameters: :now
-- Index:      tg_idempotency_expires_at
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
WHERE t.expires_at <= :now - 86400000
  AND :now - t.updated_at >= t.expires_at - t.created_at + 86400000
  AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
