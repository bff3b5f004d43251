-- Purpose:    completed records whose result is unavailable: an operator can supply it
-- Parameters: none
-- Index:      tg_idempotency_result_unavailable, which holds such records only
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE result_unavailable
