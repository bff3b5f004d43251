-- Purpose:    reads many records and the current time: the shared poll of all waiters of a process
-- Parameters: :ids (a JSON array of ids in hexadecimal), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       one for each id that has a record
SELECT false AS inserted, :now AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
