-- Purpose:    records whose version is smaller than their fence, whose fence is smaller than 1, or whose other numbers
--             ToolGate never writes
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE fence < 1 OR version < fence
   OR life < 1 OR attempt < 0 OR refusals < 0 OR provider_key_number < 0
   OR (status = 'RETRYABLE' AND attempt <> 0)
