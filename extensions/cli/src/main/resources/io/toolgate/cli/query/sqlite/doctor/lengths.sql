-- Purpose:    records with texts or bytes that are shorter or longer than ToolGate writes
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
WHERE length(CAST(tenant AS BLOB)) NOT BETWEEN 1 AND 255
   OR length(CAST(action AS BLOB)) NOT BETWEEN 1 AND 255
   OR length(CAST(idempotency_key AS BLOB)) NOT BETWEEN 1 AND 255
   OR length(CAST(owner AS BLOB)) > 255
   OR length(fingerprint) <> 32
   OR length(CAST(result_codec AS BLOB)) > 255
   OR length(CAST(failure_code AS BLOB)) > 100
   OR length(CAST(failure_message AS BLOB)) > 4000
   OR length(record_id) <> 16
   OR length(claim_token) <> 16
