-- Purpose:    a record, without its result
-- Parameters: :id (32 hexadecimal digits)
-- Index:      tg_idempotency_pkey
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 or 1
SELECT status, fence, version, life, attempt, refusals, owner, lease_until,
       (status = 'IN_PROGRESS' AND lease_until > statement_timestamp())::int AS live,
       result_codec, octet_length(result) AS result_bytes, failure_code, failure_message,
       created_at, updated_at, expires_at, stores_rows::int AS stores_rows
FROM tg_idempotency
WHERE record_id = CAST(:id AS uuid)
