-- Purpose:    ended records that could have been purged for a day
-- Parameters: :now
-- Index:      tg_idempotency_expires_at
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
WHERE t.expires_at <= :now - 86400000
  AND :now - t.updated_at >= t.expires_at - t.created_at + 86400000
  AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
