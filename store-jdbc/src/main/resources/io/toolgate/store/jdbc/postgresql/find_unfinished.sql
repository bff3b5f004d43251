-- Purpose:    finds records whose effect nobody knows: in doubt, or in progress under an ended lease, oldest first
-- Parameters: :olderThan, :limit (durations in microseconds)
-- Index:      none, on purpose. This reads the whole table: an index that fits would have status or lease_until in it and
--             make every heartbeat and completion dearer for the sake of a sweep. Run it every few minutes, not in a loop
-- Isolation:  any level; a plain read, no lock. A row that is seen is durable: every transition commits synchronously
-- Rows:       0 to :limit
SELECT false AS inserted, statement_timestamp() AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
       result, result_codec, failure_code, failure_message, created_at, updated_at, expires_at
FROM tg_idempotency
WHERE (status = 'IN_DOUBT' AND updated_at <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond')
   OR (status = 'IN_PROGRESS' AND lease_until <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond')
ORDER BY CASE status WHEN 'IN_DOUBT' THEN updated_at ELSE lease_until END, record_id
LIMIT :limit
