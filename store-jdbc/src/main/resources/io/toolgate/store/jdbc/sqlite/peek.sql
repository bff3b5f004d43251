-- Purpose:    reads one record and the current time
-- Parameters: :id, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for. A row that is visible is durable: SQLite
--             shows a commit after its flush of the WAL
-- Rows:       1: the record
--             0: there is none
--             more: never
SELECT false AS inserted, :now AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = :id
