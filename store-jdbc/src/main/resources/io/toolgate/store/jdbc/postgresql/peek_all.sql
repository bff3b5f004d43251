-- Purpose:    reads many records, and the time; the one poll of all waiters of a process
-- Parameters: :ids (an array of uuid)
-- Index:      tg_idempotency_pkey
-- Isolation:  any level; a plain read, no lock. A row that is seen is durable: every transition commits synchronously
-- Rows:       one for each record that is there
SELECT false AS inserted, statement_timestamp() AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
       result, result_codec, failure_code, failure_message, created_at, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = ANY (:ids)
