-- Purpose:    a record, without its result
-- Parameters: :id (32 hexadecimal digits), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       0 or 1
SELECT status, fence, version, life, attempt, refusals, owner, lease_until,
       (status = 'IN_PROGRESS' AND lease_until > :now) AS live,
       result_codec, length(CAST(result AS BLOB)) AS result_bytes, failure_code, failure_message,
       created_at, updated_at, expires_at, stores_rows
FROM tg_idempotency
WHERE record_id = unhex(:id)
