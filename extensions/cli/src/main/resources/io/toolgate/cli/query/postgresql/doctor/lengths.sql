-- Purpose:    records with texts or bytes that are shorter or longer than ToolGate writes
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE octet_length(tenant) NOT BETWEEN 1 AND 255
   OR octet_length(action) NOT BETWEEN 1 AND 255
   OR octet_length(idempotency_key) NOT BETWEEN 1 AND 255
   OR octet_length(owner) > 255
   OR octet_length(fingerprint) <> 32
   OR octet_length(result_codec) > 255
   OR octet_length(failure_code) > 100
   OR octet_length(failure_message) > 4000
