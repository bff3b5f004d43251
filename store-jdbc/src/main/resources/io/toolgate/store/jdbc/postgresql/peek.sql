-- Purpose:    reads one record and the current time
-- Parameters: :id
-- Index:      tg_idempotency_pkey
-- Isolation:  any level; a plain read, no lock. A row that is visible is durable: every transition commits
--             synchronously. Writes no WAL itself; PostgreSQL may write a little near it, when it prunes a page on the
--             way, or when autovacuum marks it all-visible
-- Rows:       1: the record
--             0: there is none
--             more: never
SELECT false AS inserted, statement_timestamp() AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = :id
