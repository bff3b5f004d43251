-- Purpose:    finds records whose effect is unknown: in doubt, or in progress with an expired lease; oldest first
-- Parameters: :olderThan, :limit, :now (times and durations in milliseconds)
-- Index:      none, on purpose: reads the whole table. An index that fits would contain status or lease_until, and
--             make each heartbeat and completion more expensive. Run it every few minutes, not in a loop
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       0 to :limit
SELECT false AS inserted, :now AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency
WHERE (status = 'IN_DOUBT' AND updated_at <= :now - :olderThan)
   OR (status = 'IN_PROGRESS' AND lease_until <= :now - :olderThan)
ORDER BY CASE status WHEN 'IN_DOUBT' THEN updated_at ELSE lease_until END, record_id
LIMIT :limit
