-- Purpose:    ended records that could have been purged for a day
-- Parameters: none
-- Index:      tg_idempotency_expires_at
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE t.expires_at <= statement_timestamp() - INTERVAL '24 hours'
  AND statement_timestamp() - t.updated_at >= t.expires_at - t.created_at + INTERVAL '24 hours'
  AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
