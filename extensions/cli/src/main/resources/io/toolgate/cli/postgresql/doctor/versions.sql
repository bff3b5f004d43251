-- Purpose:    records whose version is smaller than their fence, or whose fence is smaller than 1
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE fence < 1 OR version < fence
