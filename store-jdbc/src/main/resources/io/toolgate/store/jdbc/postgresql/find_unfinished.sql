-- Purpose:    finds records whose effect is unknown: in doubt, or in progress with an expired lease; oldest first
-- Parameters: :olderThan, :limit (durations in microseconds)
-- Index:      none, on purpose: reads the whole table. An index that fits would contain status or lease_until, and
--             make each heartbeat and completion more expensive. Run it every few minutes, not in a loop
-- Isolation:  any level; a plain read, no lock. A row that is visible is durable: every transition commits
--             synchronously
-- Rows:       0 to :limit
SELECT false AS inserted, statement_timestamp() AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency
WHERE (status = 'IN_DOUBT' AND updated_at <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond')
   OR (status = 'IN_PROGRESS' AND lease_until <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond')
ORDER BY CASE status WHEN 'IN_DOUBT' THEN updated_at ELSE lease_until END, record_id
LIMIT :limit
