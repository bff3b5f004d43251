-- Purpose:    records that purge could have deleted for a day
-- Parameters: none
-- Index:      tg_idempotency_expires_at
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE t.expires_at <= statement_timestamp() - INTERVAL '24 hours'
  AND statement_timestamp() - t.updated_at >= t.expires_at - t.created_at + INTERVAL '24 hours'
  AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
