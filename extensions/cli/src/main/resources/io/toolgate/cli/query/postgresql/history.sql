-- Purpose:    the decisions about a key, each with the record as it was before
-- Parameters: :id (32 hexadecimal digits)
-- Index:      tg_idempotency_history_pkey
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 or more, in order of the decisions
SELECT decision, operator, reason, decided_at,
       status, fence, version, life, owner, lease_until,
       result_codec, octet_length(result) AS result_bytes, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency_history
WHERE record_id = CAST(:id AS uuid)
ORDER BY tg_idempotency_history.decided_at, version
